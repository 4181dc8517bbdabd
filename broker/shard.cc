#include "broker/shard.h"

#include <cstring>
#include <utility>

namespace broker {

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

void Shard::replay(std::span<const metadata::MetadataRecord> records, int64_t last_offset) {
    for (const metadata::MetadataRecord& record : records) image.replay(record);
    image.advance_to(last_offset);
    const auto is_feature = [](const metadata::MetadataRecord& record) {
        return std::holds_alternative<protocol::FeatureLevelRecord>(record);
    };
    if (std::ranges::any_of(records, is_feature)) transactions.configure();
}

asio::awaitable<void> Shard::forget_topic(metadata::TopicRef topic) {
    groups.forget_topic(*topic);
    co_await transactions.forget_topic(topic->name);
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
    connections.close_all();
}

// Coroutines that still wait end before the first shard goes. One that waited for another shard is
// posted home when that one's part is dropped: once more for each such hop.
Shards::~Shards() {
    // A fetch's waiter, in another shard's replicas, has a timer of its own shard.
    for (const auto& shard : shards_) shard->replicas.wake_all_waiters();
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
