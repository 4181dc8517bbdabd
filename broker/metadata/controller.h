// The local controller: the only writer of the metadata log. It decides a change, appends its
// records, and replays them into the image of every shard before it answers.
//
// Its methods may be awaited from any shard; they work on the first one.
#pragma once

#include <asio/awaitable.hpp>
#include <expected>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "broker/metadata/metadata_log.h"
#include "broker/metadata/registration.h"
#include "broker/metadata/topic_changes.h"
#include "broker/quota/mutation_quota.h"

namespace broker {
class Executor;
class Shards;
struct Shard;
}  // namespace broker

namespace broker::metadata {

struct ProducerIdBlock {
    int64_t first = 0;
    int64_t end = 0;  // not in the block
};

// The metadata log as DescribeQuorum tells of it. This node is its leader and only voter.
struct Quorum {
    int32_t node_id = 1;
    protocol::Uuid directory_id;  // zero at kraft.version 0, which knows voters by their ids alone
    int16_t kraft_version = 0;
    int32_t leader_epoch = 0;
    int64_t end_offset = 0;
};

class Controller {
  public:
    // `background` is where snapshots are written.
    Controller(Shards& shards, Executor& background, storage::FileSystem& files, MetadataLog log,
               SnapshotPolicy snapshots, ClusterDefaults defaults)
        : shards_(shards),
          background_(background),
          files_(files),
          log_(std::move(log)),
          snapshots_(snapshots),
          defaults_(std::move(defaults)) {}

    // What a new cluster is to begin with. Errors: in words.
    std::expected<std::vector<MetadataRecord>, std::string> bootstrap_records() const {
        return log_.bootstrap_records();
    }
    // Begins a new cluster with these records; registers the broker, and makes it the leader of its
    // partitions.
    asio::awaitable<std::expected<void, ErrorCode>> bootstrap(std::vector<MetadataRecord> records);
    asio::awaitable<std::expected<void, ErrorCode>> register_broker(BrokerFacts broker);
    // Snapshots of the log may be taken from now on: no topic is half deleted of which only the log
    // knows. Requires: on the first shard.
    void begin_snapshots();
    // The offset of the broker's registration; -1 before there is one.
    int64_t broker_epoch() const { return broker_epoch_; }

    // The topic, ready to be written and read on its shards. With `validate_only` nothing is
    // created, and the topic is as it would be. Errors: those of metadata::create_topic,
    // throttling_quota_exceeded, and those of writing the metadata log.
    asio::awaitable<std::expected<TopicRef, ApiError>> create_topic(NewTopic topic,
                                                                    bool validate_only,
                                                                    quota::MutationQuota& quota);
    // The topic of that name, created when it is not there.
    asio::awaitable<std::expected<TopicRef, ApiError>> ensure_topic(NewTopic topic,
                                                                    quota::MutationQuota& quota);
    // Errors: unknown_topic_id, throttling_quota_exceeded.
    asio::awaitable<std::expected<void, ApiError>> delete_topic(protocol::Uuid id,
                                                                quota::MutationQuota& quota);

    // Any other change: what `decide` makes of the image as it is then, written as one batch. No
    // records are no change. Errors: those of `decide`, and of writing the metadata log.
    using Decision = std::function<std::expected<std::vector<MetadataRecord>, ApiError>(
        const ClusterImage&, const ClusterDefaults&)>;
    asio::awaitable<std::expected<void, ApiError>> change(Decision decide);

    asio::awaitable<std::expected<ProducerIdBlock, ErrorCode>> allocate_producer_ids();

    asio::awaitable<Quorum> describe_quorum();
    // From any thread: it stays as it was when the log was loaded.
    int16_t kraft_version() const { return log_.voter_set().kraft_version; }

    // The broker goes. Requires: no shard is at work any more.
    void close();

  private:
    asio::awaitable<std::expected<void, ErrorCode>> commit(std::vector<MetadataRecord> records);
    asio::awaitable<std::expected<TopicRef, ApiError>> create_here(NewTopic topic,
                                                                   bool validate_only,
                                                                   quota::MutationQuota& quota);
    asio::awaitable<std::expected<void, ApiError>> delete_here(protocol::Uuid id,
                                                               quota::MutationQuota& quota);
    asio::awaitable<std::expected<void, ApiError>> change_here(const Decision& decide);
    asio::awaitable<std::expected<ProducerIdBlock, ErrorCode>> allocate_here();
    Quorum quorum() const;

    void snapshot_when_due();
    asio::awaitable<void> take_snapshot();
    void check_snapshot_later();

    Shards& shards_;
    Executor& background_;
    storage::FileSystem& files_;
    MetadataLog log_;
    SnapshotPolicy snapshots_;
    ClusterDefaults defaults_;
    int64_t broker_epoch_ = -1;
    bool may_snapshot_ = false;
    std::set<std::string> leaving_;  // names of topics whose deletion is on its way
};

}  // namespace broker::metadata
