#include "broker/metadata/partition_changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "broker/metadata/features.h"

namespace broker::metadata {

namespace {

constexpr int32_t new_partitions_max = 10'000;  // that Kafka's controller makes at once

constexpr std::string_view no_increase =
    "The topic {} currently has {} partition(s); {} would not be an increase.";
constexpr std::string_view wrong_assignment_count =
    "Attempted to add {} additional partition(s), but only {} assignment(s) were specified.";
constexpr std::string_view
    cannot_revert =
        "Unable to revert partition assignment for {}:{} because it would require an unclean "
        "leader " "election.";
constexpr std::string_view keeps_partitions =
    "{} keeps its partitions: what is in them would be looked for in others.";
constexpr std::string_view nobody_to_copy_from =
    "Broker {} has no replica of {}-{}, and nobody is there to copy it from.";

bool contains(const std::vector<int32_t>& ids, int32_t id) {
    return std::ranges::find(ids, id) != ids.end();
}

std::expected<void, ApiError> check_count(const TopicImage& topic, const MorePartitions& wanted) {
    const int32_t present = topic.partition_count();
    if (wanted.count == present)
        return refuse(ErrorCode::invalid_partitions,
                      fmt::format("Topic already has {} partition(s).", present));
    if (wanted.count < present)
        return refuse(ErrorCode::invalid_partitions,
                      fmt::format(no_increase, topic.name, present, wanted.count));
    const int32_t added = wanted.count - present;
    if (wanted.assignments && wanted.assignments->size() != static_cast<size_t>(added))
        return refuse(ErrorCode::invalid_replica_assignment,
                      fmt::format(wrong_assignment_count, added, wanted.assignments->size()));
    if (added > new_partitions_max)
        return refuse(ErrorCode::policy_violation,
                      "Excessively large number of additional partitions per request.");
    return {};
}

std::expected<const PartitionImage*, ApiError> find_partition(const ClusterImage& image,
                                                              std::string_view name,
                                                              int32_t partition) {
    const TopicRef topic = image.find(name);
    if (!topic)
        return refuse(ErrorCode::unknown_topic_or_partition,
                      fmt::format("Unable to find a topic named {}.", name));
    if (partition < 0 || partition >= topic->partition_count())
        return refuse(ErrorCode::unknown_topic_or_partition,
                      fmt::format("Unable to find partition {}:{}.", name, partition));
    return &topic->partitions[static_cast<size_t>(partition)];
}

// The partition on those of its replicas that stay; nothing comes or goes any more.
protocol::PartitionChangeRecord keep(const PartitionImage& partition,
                                     const std::vector<int32_t>& staying) {
    protocol::PartitionChangeRecord change{.partition_id = partition.partition_id,
                                           .topic_id = partition.topic_id,
                                           .replicas = staying};
    auto& isr = change.isr.emplace();
    std::ranges::copy_if(partition.isr, std::back_inserter(isr),
                         [&](int32_t id) { return contains(staying, id); });
    if (!partition.removing_replicas.empty()) change.removing_replicas.emplace();
    if (!partition.adding_replicas.empty()) change.adding_replicas.emplace();
    if (partition.directories.size() != partition.replicas.size()) return change;
    auto& directories = change.directories.emplace();
    for (size_t i = 0; i < partition.replicas.size(); ++i)
        if (contains(staying, partition.replicas[i]))
            directories.push_back(partition.directories[i]);
    return change;
}

std::expected<Records, ApiError> cancel(const PartitionImage& partition, std::string_view topic,
                                        int32_t node_id) {
    if (!is_reassigning(partition)) return refuse(ErrorCode::no_reassignment_in_progress, "");
    std::vector<int32_t> staying;
    std::ranges::copy_if(partition.replicas, std::back_inserter(staying),
                         [&](int32_t id) { return !contains(partition.adding_replicas, id); });
    if (!contains(staying, node_id))
        return refuse(ErrorCode::invalid_replica_assignment,
                      fmt::format(cannot_revert, topic, partition.partition_id));
    return Records{keep(partition, staying)};
}

}  // namespace

std::expected<Records, ApiError> create_partitions(const ClusterImage& image,
                                                   const MorePartitions& wanted,
                                                   const ClusterDefaults& defaults) {
    const TopicRef topic = image.find(wanted.topic);
    if (!topic) return refuse(ErrorCode::unknown_topic_or_partition, "");
    if (topic->is_internal)
        return refuse(ErrorCode::invalid_topic_exception,
                      fmt::format(keeps_partitions, topic->name));
    if (auto valid = check_count(*topic, wanted); !valid)
        return std::unexpected(std::move(valid.error()));
    for (const auto& brokers : wanted.assignments.value_or(std::vector<std::vector<int32_t>>{}))
        if (auto valid = validate_assignment(brokers, defaults); !valid)
            return std::unexpected(std::move(valid.error()));
    const int32_t present = topic->partition_count();
    if (auto room = check_room_for(image, wanted.count - present, defaults); !room)
        return std::unexpected(std::move(room.error()));
    Records records;
    for (int32_t partition = present; partition < wanted.count; ++partition)
        records.emplace_back(new_partition(topic->id, partition, defaults));
    return records;
}

ApiError elect_leader(const PartitionImage& partition, ElectionType type, int32_t node_id) {
    const bool leads = partition.leader == node_id;
    const bool is_preferred =
        !partition.replicas.empty() && partition.replicas.front() == partition.leader;
    if (leads && (is_preferred || type == ElectionType::unclean))
        return {ErrorCode::election_not_needed, "Leader election not needed for topic partition."};
    if (type == ElectionType::preferred)
        return {ErrorCode::preferred_leader_not_available,
                "The preferred leader was not available."};
    return {ErrorCode::eligible_leaders_not_available,
            "Eligible topic partition leaders are not available."};
}

std::expected<Records, ApiError> reassign(const ClusterImage& image, const Reassignment& wanted,
                                          const ClusterDefaults& defaults) {
    const auto found = find_partition(image, wanted.topic, wanted.partition);
    if (!found) return std::unexpected(found.error());
    const PartitionImage& partition = **found;
    if (!wanted.replicas) return cancel(partition, wanted.topic, defaults.node_id);
    if (auto valid = validate_assignment(*wanted.replicas, defaults); !valid)
        return std::unexpected(std::move(valid.error()));
    if (!wanted.may_change_replication_factor &&
        partition.replicas.size() != wanted.replicas->size())
        return refuse(ErrorCode::invalid_replication_factor,
                      fmt::format("The replication factor is changed from {} to {}",
                                  partition.replicas.size(), wanted.replicas->size()));
    if (partition.replicas == *wanted.replicas && !is_reassigning(partition)) return Records{};
    if (!contains(partition.isr, defaults.node_id))
        return refuse(
            ErrorCode::invalid_replica_assignment,
            fmt::format(nobody_to_copy_from, defaults.node_id, wanted.topic, wanted.partition));
    return Records{keep(partition, *wanted.replicas)};
}

protocol::Uuid assigned_directory(const PartitionImage& partition, int32_t node_id) {
    const auto replica = std::ranges::find(partition.replicas, node_id);
    const auto index = static_cast<size_t>(replica - partition.replicas.begin());
    return index < partition.directories.size() ? partition.directories[index] : protocol::Uuid{};
}

Records assign_directory(const ClusterImage& image, const protocol::Uuid& topic_id,
                         int32_t partition, const protocol::Uuid& directory_id,
                         const ClusterDefaults& defaults) {
    const TopicRef topic = image.find(topic_id);
    if (!topic || partition < 0 || partition >= topic->partition_count()) return {};
    if (image.metadata_version() < metadata_version_of::directory_assignment) return {};
    const PartitionImage& present = topic->partitions[static_cast<size_t>(partition)];
    const auto replica = std::ranges::find(present.replicas, defaults.node_id);
    if (replica == present.replicas.end() ||
        assigned_directory(present, defaults.node_id) == directory_id)
        return {};
    std::vector<protocol::Uuid> directories = present.directories;
    directories.resize(present.replicas.size());
    directories[static_cast<size_t>(replica - present.replicas.begin())] = directory_id;
    return {protocol::PartitionChangeRecord{
        .partition_id = partition, .topic_id = topic_id, .directories = std::move(directories)}};
}

}  // namespace broker::metadata
