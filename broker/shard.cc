#include "broker/shard.h"

#include <spdlog/spdlog.h>

#include <cstring>
#include <set>
#include <utility>

#include "broker/config/broker_change.h"

namespace broker {

config::BrokerConfig config_with_dynamic(const config::BrokerConfig& config,
                                         const metadata::ClusterImage& image) {
    using metadata::ConfigResource;
    const auto warn = [](std::string_view key) {
        spdlog::warn("The dynamic broker config {} is left out: its value cannot be", key);
    };
    return config::take_over_dynamic_configs(
        config, image.configs(ConfigResource::broker, ""),
        image.configs(ConfigResource::broker, std::to_string(config.node_id)), warn);
}

quota::Meters quota_meters(const config::QuotaSettings& settings) {
    constexpr int64_t ms_per_second = 1000;
    return {{settings.sample_count, settings.sample_seconds * ms_per_second},
            {settings.controller_sample_count, settings.controller_sample_seconds * ms_per_second}};
}

protocol::Uuid random_uuid(std::mt19937_64& random) {
    protocol::Uuid uuid;
    do {
        const uint64_t words[2] = {random(), random()};
        std::memcpy(uuid.bytes.data(), words, sizeof words);
        uuid.bytes[6] = (uuid.bytes[6] & std::byte{0x0f}) | std::byte{0x40};
        uuid.bytes[8] = (uuid.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
        // The first six bits make the first character; 62 is '-' in url-safe base64.
    } while (std::to_integer<int>(uuid.bytes[0] >> 2) == 62);
    return uuid;
}

void Shard::load(const metadata::ClusterImage& cluster, int64_t last_offset) {
    cluster.for_each_record([&](const metadata::MetadataRecord& record) { image.replay(record); });
    image.advance_to(last_offset);
    constexpr auto type = metadata::ConfigResource::client_metrics;
    for (const std::string& name : image.configured(type))
        telemetry_subscriptions.configure(name, image.configs(type, name));
}

void Shard::replay(std::span<const metadata::MetadataRecord> records, int64_t last_offset) {
    for (const metadata::MetadataRecord& record : records) image.replay(record);
    image.advance_to(last_offset);
    const auto is_feature = [](const metadata::MetadataRecord& record) {
        return std::holds_alternative<protocol::FeatureLevelRecord>(record);
    };
    if (std::ranges::any_of(records, is_feature)) transactions.configure();
    take_over_configs(records);
}

void Shard::take_over_configs(std::span<const metadata::MetadataRecord> records) {
    bool are_brokers_changed = false;
    std::set<std::string_view> topics;
    for (const metadata::MetadataRecord& record : records) {
        const auto* change = std::get_if<protocol::ConfigRecord>(&record);
        if (!change) continue;
        const auto type = static_cast<metadata::ConfigResource>(change->resource_type);
        are_brokers_changed |= type == metadata::ConfigResource::broker;
        if (type == metadata::ConfigResource::topic) topics.insert(change->resource_name);
        if (type == metadata::ConfigResource::client_metrics)
            telemetry_subscriptions.configure(change->resource_name,
                                              image.configs(type, change->resource_name));
    }
    const auto configure = [this](const auto& topic) { replicas.configure(*topic); };
    if (are_brokers_changed) {
        config = config_with_dynamic(config, image);
        groups.configure();
        image.broker_values_changed();
        return image.for_each_topic(configure);
    }
    for (const std::string_view name : topics)
        if (const auto topic = image.find(name)) configure(topic);
}

asio::awaitable<void> Shard::forget_topic(metadata::TopicRef topic) {
    groups.forget_topic(*topic);
    co_await transactions.forget_topic(topic->name);
    share_states.forget_topic(*topic);
    share_partitions.forget_topic(topic->id);
    co_await log_moves.forget(topic->id);
    for (int32_t partition = 0; partition < topic->partition_count(); ++partition) {
        if (&shards.owner_of(topic->id, partition) != this) continue;
        auto set_aside = replicas.remove(*topic, partition);
        if (!set_aside.empty())
            maintenance.remove_later(std::move(set_aside), topic->config.log.file_delete_delay_ms);
    }
}

void Shard::begin_stop() {
    is_stopping = true;
    groups.unload();
    transactions.wake_all();
    replicas.wake_all_waiters();
    share_partitions.wake_all_waiters();
    log_moves.stop();
    connections.close_all();
}

// Coroutines that still wait end before the first shard goes. One that waited for another shard is
// posted home when that one's part is dropped: once more for each such hop.
Shards::~Shards() {
    // A fetch's waiter, in another shard's replicas, has a timer of its own shard.
    for (const auto& shard : shards_) shard->fetch_sessions.clear();
    for (const auto& shard : shards_) {
        shard->replicas.wake_all_waiters();
        shard->share_partitions.wake_all_waiters();
    }
    constexpr int hop_count_max = 8;
    for (int hop = 0; hop < hop_count_max; ++hop)
        for (const auto& shard : shards_) shard->drop_work();
}

Shard& Shards::owner_of(const protocol::Uuid& topic_id, int32_t partition) {
    uint64_t mixed = 0;
    std::memcpy(&mixed, topic_id.bytes.data(), sizeof mixed);
    return *shards_[(mixed + static_cast<uint64_t>(partition)) % shards_.size()];
}

}  // namespace broker
