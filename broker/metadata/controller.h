// The local controller: the only writer of the metadata log. It decides a change, appends its
// records, and replays them into the image of every shard before it answers.
//
// Its methods may be awaited from any shard; they work on the first one.
#pragma once

#include <asio/awaitable.hpp>
#include <expected>
#include <set>
#include <string>
#include <vector>

#include "broker/metadata/metadata_log.h"
#include "broker/metadata/topic_changes.h"

namespace broker {
class Shards;
struct Shard;
}  // namespace broker

namespace broker::metadata {

struct ProducerIdBlock {
    int64_t first = 0;
    int64_t end = 0;  // not in the block
};

class Controller {
  public:
    Controller(Shards& shards, MetadataLog log, ClusterDefaults defaults)
        : shards_(shards), log_(std::move(log)), defaults_(std::move(defaults)) {}

    // The finalized features of a new cluster.
    asio::awaitable<std::expected<void, ErrorCode>> bootstrap();

    // The topic, ready to be written and read on its shards. With `validate_only` nothing is
    // created, and the topic is as it would be. Errors: those of metadata::create_topic, and of
    // writing the metadata log.
    asio::awaitable<std::expected<TopicRef, ApiError>> create_topic(NewTopic topic,
                                                                    bool validate_only);
    // The topic of that name, created when it is not there.
    asio::awaitable<std::expected<TopicRef, ApiError>> ensure_topic(NewTopic topic);
    // Errors: unknown_topic_id.
    asio::awaitable<std::expected<void, ApiError>> delete_topic(protocol::Uuid id);

    asio::awaitable<std::expected<ProducerIdBlock, ErrorCode>> allocate_producer_ids();

    void close();

  private:
    asio::awaitable<std::expected<void, ErrorCode>> commit(std::vector<MetadataRecord> records);
    asio::awaitable<std::expected<TopicRef, ApiError>> create_here(NewTopic topic,
                                                                   bool validate_only);
    asio::awaitable<std::expected<void, ApiError>> delete_here(protocol::Uuid id);
    asio::awaitable<std::expected<ProducerIdBlock, ErrorCode>> allocate_here();

    Shards& shards_;
    MetadataLog log_;
    ClusterDefaults defaults_;
    std::set<std::string> leaving_;  // names of topics whose deletion is on its way
};

}  // namespace broker::metadata
