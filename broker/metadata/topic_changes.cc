#include "broker/metadata/topic_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace broker::metadata {

namespace {

constexpr size_t topic_name_length_max = 249;

bool is_legal(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

// Kafka's metric names turn '.' into '_': two topics that differ only there would share them.
std::string metric_name(std::string_view topic) {
    std::string out(topic);
    std::ranges::replace(out, '.', '_');
    return out;
}

std::optional<std::string> colliding_topic(const ClusterImage& image, const std::string& name) {
    if (name.find_first_of("._") == std::string::npos) return std::nullopt;
    std::optional<std::string> found;
    const std::string wanted = metric_name(name);
    image.for_each_topic([&](const TopicRef& topic) {
        if (!found && metric_name(topic->name) == wanted) found = topic->name;
    });
    return found;
}

std::expected<int32_t, ApiError> partition_count_of(const NewTopic& topic,
                                                    const ClusterDefaults& defaults) {
    if (topic.assignments.empty()) {
        if (topic.replication_factor < -1 || topic.replication_factor == 0)
            return refuse(
                ErrorCode::invalid_replication_factor,
                "Replication factor must be larger than 0, or -1 to use the default value.");
        if (topic.partition_count < -1 || topic.partition_count == 0)
            return refuse(ErrorCode::invalid_partitions,
                          "Number of partitions was set to an invalid non-positive value.");
        if (topic.replication_factor > 1)
            return refuse(
                ErrorCode::invalid_replication_factor,
                fmt::format("Replication factor {} is larger than the number of brokers, 1.",
                            topic.replication_factor));
        return topic.partition_count == -1 ? defaults.partition_count : topic.partition_count;
    }
    if (topic.replication_factor != -1)
        return refuse(
            ErrorCode::invalid_request,
            "A manual partition assignment was given, but the replication factor is not -1.");
    if (topic.partition_count != -1)
        return refuse(
            ErrorCode::invalid_request,
            "A manual partition assignment was given, but the number of partitions is not -1.");
    int32_t expected = 0;
    for (const auto& [partition, brokers] : topic.assignments) {
        if (partition != expected++)
            return refuse(ErrorCode::invalid_replica_assignment,
                          "Partitions must be a consecutive 0-based integer sequence.");
        if (auto valid = validate_assignment(brokers, defaults); !valid)
            return std::unexpected(std::move(valid.error()));
    }
    return expected;
}

}  // namespace

std::expected<void, ApiError> validate_topic_name(std::string_view name) {
    const auto invalid = [&](std::string_view why) {
        return refuse(ErrorCode::invalid_topic_exception,
                      fmt::format("Topic name is invalid: {}", why));
    };
    if (name.empty()) return invalid("the empty string is not allowed");
    if (name == "." || name == "..") return invalid("'.' or '..' is not allowed");
    if (name.size() > topic_name_length_max)
        return invalid(fmt::format("the length of '{}' is more than the allowed {}", name,
                                   topic_name_length_max));
    if (!std::ranges::all_of(name, is_legal))
        return invalid("it has characters other than ASCII letters, digits, '.', '_' and '-'");
    return {};
}

std::expected<std::vector<MetadataRecord>, ApiError> create_topic(const ClusterImage& image,
                                                                  const NewTopic& topic,
                                                                  const protocol::Uuid& topic_id,
                                                                  const ClusterDefaults& defaults) {
    if (const auto valid = validate_topic_name(topic.name); !valid)
        return std::unexpected(valid.error());
    if (image.find(std::string_view(topic.name)))
        return refuse(ErrorCode::topic_already_exists,
                      fmt::format("Topic '{}' already exists.", topic.name));
    if (const auto other = colliding_topic(image, topic.name))
        return refuse(
            ErrorCode::invalid_topic_exception,
            fmt::format("Topic '{}' collides with existing topic: {}", topic.name, *other));
    const auto partition_count = partition_count_of(topic, defaults);
    if (!partition_count) return std::unexpected(partition_count.error());
    if (auto room = check_room_for(image, *partition_count, defaults); !room)
        return std::unexpected(std::move(room.error()));
    if (const auto valid = config::validate_topic_config(topic.configs); !valid)
        return refuse(valid.error().code, valid.error().message);

    std::vector<MetadataRecord> records;
    records.emplace_back(protocol::TopicRecord{.name = topic.name, .topic_id = topic_id});
    for (const auto& [key, value] : topic.configs)
        records.emplace_back(
            protocol::ConfigRecord{.resource_type = static_cast<int8_t>(ConfigResource::topic),
                                   .resource_name = topic.name,
                                   .name = key,
                                   .value = value});
    for (int32_t partition = 0; partition < *partition_count; ++partition)
        records.emplace_back(new_partition(topic_id, partition, defaults));
    return records;
}

std::expected<void, ApiError> charge(quota::MutationQuota& quota, size_t partition_count,
                                     int64_t now_ms) {
    if (quota.charge(static_cast<double>(partition_count), now_ms)) return {};
    return refuse(ErrorCode::throttling_quota_exceeded, "The throttling quota has been exceeded.");
}

std::expected<void, ApiError> charge_new_partitions(quota::MutationQuota& quota,
                                                    const std::vector<MetadataRecord>& records,
                                                    int64_t now_ms) {
    const auto is_partition = [](const MetadataRecord& record) {
        return std::holds_alternative<protocol::PartitionRecord>(record);
    };
    const auto made = std::ranges::count_if(records, is_partition);
    return charge(quota, static_cast<size_t>(made), now_ms);
}

}  // namespace broker::metadata
