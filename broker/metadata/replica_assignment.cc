#include "broker/metadata/replica_assignment.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace broker::metadata {

namespace {

constexpr std::string_view not_registered =
    "The manual partition assignment includes broker {}, but no such broker is registered.";
constexpr std::string_view named_twice =
    "The manual partition assignment includes the broker {} more than once.";

}  // namespace

std::expected<void, ApiError> validate_assignment(std::span<const int32_t> brokers,
                                                  const ClusterDefaults& defaults) {
    const auto invalid = [](std::string message) {
        return refuse(ErrorCode::invalid_replica_assignment, std::move(message));
    };
    if (brokers.empty())
        return invalid("The manual partition assignment includes an empty replica list.");
    std::vector<int32_t> sorted(brokers.begin(), brokers.end());
    std::ranges::sort(sorted);
    for (size_t i = 0; i < sorted.size(); ++i) {
        if (sorted[i] != defaults.node_id) return invalid(fmt::format(not_registered, sorted[i]));
        if (i > 0) return invalid(fmt::format(named_twice, sorted[i]));
    }
    return {};
}

protocol::PartitionRecord new_partition(const protocol::Uuid& topic_id, int32_t partition,
                                        const ClusterDefaults& defaults) {
    return {.partition_id = partition,
            .topic_id = topic_id,
            .replicas = {defaults.node_id},
            .isr = {defaults.node_id},
            .leader = defaults.node_id,
            .leader_epoch = 0,
            .partition_epoch = 0,
            .directories = {defaults.directory_id}};
}

std::expected<void, ApiError> check_room_for(const ClusterImage& image, int32_t partition_count,
                                             const ClusterDefaults& defaults) {
    int64_t total = partition_count;
    image.for_each_topic([&](const TopicRef& topic) { total += topic->partition_count(); });
    if (total <= defaults.partition_count_max) return {};
    return refuse(ErrorCode::invalid_partitions,
                  fmt::format("With {} more there would be more partitions than {}.",
                              partition_count, defaults.partition_count_max));
}

}  // namespace broker::metadata
