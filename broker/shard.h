// A shard: one thread, and everything that only this thread may touch. No locks inside.
#pragma once

#include <algorithm>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "broker/api/fetch_sessions.h"
#include "broker/api/share_sessions.h"
#include "broker/clock.h"
#include "broker/coordinator/group_service.h"
#include "broker/coordinator/share_service.h"
#include "broker/coordinator/transaction_service.h"
#include "broker/durability.h"
#include "broker/executor.h"
#include "broker/log_moves.h"
#include "broker/maintenance.h"
#include "broker/metadata/cluster_image.h"
#include "broker/net/connections.h"
#include "broker/net/memory_budget.h"
#include "broker/partition/replicas.h"
#include "broker/producer_ids.h"
#include "broker/quota/meters.h"
#include "broker/share/share_partitions.h"
#include "broker/telemetry/client_instances.h"
#include "broker/telemetry/subscriptions.h"

namespace broker {

class Shards;

// What every shard is handed at the start; it outlives them.
struct Services {
    Executor& background;  // for what blocks: syncing and removing files
    Executor& cleaning;    // for what blocks for long: compaction
    Executor& moving;      // the same: copying logs to other directories
    storage::FileSystem& files;
    const config::BrokerConfig& config;  // as at the start; see Shard::config
    storage::LogDirectories& directory;
    const Clock& clock;
    Shards& shards;
    Durability& durability;
    metadata::Controller& controller;
    api::ShareSessionCount& share_session_count;
    quota::SampledRate& move_rate;  // in bytes, of all moves; on the thread of `moving`
};

// Of the client quotas, and of the controller's.
quota::Meters quota_meters(const config::QuotaSettings& settings);

// A new topic, cluster or member id (KIP-516): version 4, and none whose text begins with '-',
// which Kafka keeps from command lines.
protocol::Uuid random_uuid(std::mt19937_64& random);

// With the dynamic configs that the image has for the broker, and for all. What cannot be, another
// broker may have written: it is left out with a warning.
config::BrokerConfig config_with_dynamic(const config::BrokerConfig& config,
                                         const metadata::ClusterImage& image);

struct Shard : Executor {
    Shard(int index, uint64_t seed, const Services& services)
        : index(index),
          shards(services.shards),
          clock(services.clock),
          timers(io(), services.clock),
          random(seed),
          config(services.config),
          image(config.values),
          replicas(services.directory, image, services.clock),
          producer_ids(services.controller),
          quota_meters(broker::quota_meters(services.config.quota)),
          fetch_sessions(index, services.config.network.fetch_session_count_max),
          groups(*this, services),
          transactions(*this, services),
          share_states(*this, services),
          share_partitions(*this),
          share_sessions(services.share_session_count),
          request_memory(io(), timers,
                         services.config.network.request_memory_max_bytes /
                             std::max(services.config.thread_count, 1)),
          connections(*this),
          maintenance(*this, services),
          log_moves(*this, services) {}

    protocol::Uuid random_uuid() { return broker::random_uuid(random); }
    // The cluster is this one at the start, up to that offset of the metadata log.
    void load(const metadata::ClusterImage& cluster, int64_t last_offset);
    // The cluster has changed: `records`, the last of them at this offset, go into the image, and
    // whoever acts on what they say is told.
    void replay(std::span<const metadata::MetadataRecord> records, int64_t last_offset);
    // What this shard knows of a deleted topic: logs, offsets, open transactions.
    asio::awaitable<void> forget_topic(metadata::TopicRef topic);

    // Wakes and closes whatever waits, so that the broker can stop.
    void begin_stop();

    const int index;
    bool is_stopping = false;
    Shards& shards;
    const Clock& clock;
    TimerQueue timers;
    std::mt19937_64 random;
    config::BrokerConfig config;  // as it is now: dynamic configs change it
    metadata::ClusterImage image;
    partition::Replicas replicas;
    ProducerIds producer_ids;
    quota::Meters quota_meters;  // of those clients that this shard counts for
    telemetry::Subscriptions telemetry_subscriptions;
    telemetry::ClientInstances telemetry_clients;  // those that this shard answers
    api::FetchSessions fetch_sessions;
    coordinator::GroupService groups;
    coordinator::TransactionService transactions;
    coordinator::ShareService share_states;
    share::SharePartitions share_partitions;
    api::ShareSessions share_sessions;
    net::MemoryBudget request_memory;
    net::Connections connections;
    Maintenance maintenance;
    LogMoves log_moves;

  private:
    void take_over_configs(std::span<const metadata::MetadataRecord> records);
};

// All shards of a broker, and which of them owns a partition.
class Shards {
  public:
    Shards() = default;
    ~Shards();
    void add(std::unique_ptr<Shard> shard) { shards_.push_back(std::move(shard)); }
    // Metadata, and what else there is one of.
    Shard& first() { return *shards_.front(); }
    Shard& at(size_t index) { return *shards_[index]; }
    size_t count() const { return shards_.size(); }
    Shard& owner_of(const protocol::Uuid& topic_id, int32_t partition);
    auto begin() { return shards_.begin(); }
    auto end() { return shards_.end(); }

  private:
    std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace broker
