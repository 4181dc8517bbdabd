#include "broker/metadata/controller.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "broker/metadata/features.h"
#include "broker/shard.h"

namespace broker::metadata {

namespace {

constexpr int64_t producer_id_block_size = 1000;  // as Kafka's controller gives out

ApiError storage_failure(ErrorCode code) {
    return {code, "The change could not be written to the metadata log."};
}

}  // namespace

// Requires: on the first shard.
asio::awaitable<std::expected<void, ErrorCode>> Controller::commit(
    std::vector<MetadataRecord> records) {
    const auto written = log_.append(records, shards_.first().clock.now_ms());
    if (!written) co_return std::unexpected(written.error());
    for (const auto& shard : shards_) {
        auto replay = [&image = shard->image, &records] {
            for (const MetadataRecord& record : records) image.replay(record);
        };
        co_await shard->run(std::move(replay));
    }
    co_return std::expected<void, ErrorCode>{};
}

asio::awaitable<std::expected<void, ErrorCode>> Controller::bootstrap() {
    if (!log_.is_empty()) co_return std::expected<void, ErrorCode>{};
    std::vector<MetadataRecord> records;
    for (const Feature& feature : features)
        records.emplace_back(protocol::FeatureLevelRecord{.name = std::string(feature.name),
                                                          .feature_level = feature.initial});
    co_return co_await commit(std::move(records));
}

asio::awaitable<std::expected<TopicRef, ApiError>> Controller::create_topic(NewTopic topic,
                                                                            bool validate_only) {
    auto work = [this, &topic, validate_only] {
        return create_here(std::move(topic), validate_only);
    };
    co_return co_await shards_.first().run(std::move(work));
}

asio::awaitable<std::expected<TopicRef, ApiError>> Controller::ensure_topic(NewTopic topic) {
    const std::string name = topic.name;
    auto created = co_await create_topic(std::move(topic), /*validate_only=*/false);
    if (created || created.error().code != ErrorCode::topic_already_exists) co_return created;
    auto find = [this, &name] { return shards_.first().image.find(std::string_view(name)); };
    TopicRef found = co_await shards_.first().run(std::move(find));
    if (found) co_return found;
    co_return std::unexpected(ApiError{ErrorCode::leader_not_available, created.error().message});
}

asio::awaitable<std::expected<TopicRef, ApiError>> Controller::create_here(NewTopic topic,
                                                                           bool validate_only) {
    Shard& shard = shards_.first();
    if (leaving_.contains(topic.name))
        co_return std::unexpected(ApiError{ErrorCode::topic_already_exists,
                                           "The topic of this name is still being deleted."});
    const protocol::Uuid id = shard.random_uuid();
    auto records = metadata::create_topic(shard.image, topic, id, defaults_);
    if (!records) co_return std::unexpected(records.error());
    if (validate_only) {
        ClusterImage preview = shard.image;
        for (const MetadataRecord& record : *records) preview.replay(record);
        co_return preview.find(id);
    }
    const auto committed = co_await commit(std::move(*records));
    if (!committed) co_return std::unexpected(storage_failure(committed.error()));
    const TopicRef created = shard.image.find(id);
    spdlog::info("Created topic {} with {} partition(s)", created->name,
                 created->partition_count());
    co_return created;
}

asio::awaitable<std::expected<void, ApiError>> Controller::delete_topic(protocol::Uuid id) {
    auto work = [this, id] { return delete_here(id); };
    co_return co_await shards_.first().run(std::move(work));
}

asio::awaitable<std::expected<void, ApiError>> Controller::delete_here(protocol::Uuid id) {
    const TopicRef topic = shards_.first().image.find(id);
    if (!topic)
        co_return std::unexpected(
            ApiError{ErrorCode::unknown_topic_id, "This server does not host this topic ID."});
    std::vector<MetadataRecord> records = {protocol::RemoveTopicRecord{.topic_id = id}};
    leaving_.insert(topic->name);
    const auto committed = co_await commit(std::move(records));
    if (!committed) {
        leaving_.erase(topic->name);
        co_return std::unexpected(storage_failure(committed.error()));
    }
    // Offsets and open transactions forget the topic before its name can be used again.
    for (const auto& shard : shards_) {
        auto forget = [target = shard.get(), &topic] { return target->forget_topic(topic); };
        co_await shard->run(std::move(forget));
    }
    leaving_.erase(topic->name);
    spdlog::info("Deleted topic {}", topic->name);
    co_return std::expected<void, ApiError>{};
}

asio::awaitable<std::expected<ProducerIdBlock, ErrorCode>> Controller::allocate_producer_ids() {
    auto work = [this] { return allocate_here(); };
    co_return co_await shards_.first().run(std::move(work));
}

asio::awaitable<std::expected<ProducerIdBlock, ErrorCode>> Controller::allocate_here() {
    // Not 0: @platformatic/kafka sends it for "none yet".
    const int64_t first = std::max<int64_t>(shards_.first().image.next_producer_id(), 1);
    const ProducerIdBlock block{first, first + producer_id_block_size};
    std::vector<MetadataRecord> records = {protocol::ProducerIdsRecord{
        .broker_id = defaults_.node_id, .broker_epoch = 0, .next_producer_id = block.end}};
    const auto committed = co_await commit(std::move(records));
    if (!committed) co_return std::unexpected(committed.error());
    co_return block;
}

void Controller::close() {
    if (const auto closed = log_.close(); !closed)
        spdlog::error("The metadata log cannot be closed: {}", protocol::name(closed.error()));
}

}  // namespace broker::metadata
