#include "broker/coordinator/group/streams/configured_topology.h"

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

#include "broker/coordinator/group/streams/partition_counts.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using Described = protocol::StreamsGroupDescribeResponse;
using Subtopology = StreamsTopology::Subtopology;
using TopicInfo = protocol::StreamsGroupTopologyValue::TopicInfo;

namespace {

// The first three, and how many more there are.
std::string summary(const auto& names) {
    constexpr size_t shown_max = 3;
    std::string text;
    size_t count = 0;
    for (const auto& name : names) {
        if (count++ >= shown_max) continue;
        if (!text.empty()) text += ", ";
        text += name;
    }
    if (count > shown_max)
        text += " and " + std::to_string(count - shown_max) + " additional topics";
    return text;
}

std::expected<void, Refusal> check_name(const std::string& name) {
    constexpr size_t length_max = 249;
    const auto is_legal = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    if (!name.empty() && name != "." && name != ".." && name.size() <= length_max &&
        std::ranges::all_of(name, is_legal))
        return {};
    return std::unexpected(Refusal{ErrorCode::invalid_topic_exception,
                                   "Topic name is invalid: '" + name.substr(0, length_max) + "'."});
}

// Kafka stumbles over these, and says no more than that it did.
std::unexpected<Refusal> unforeseen(std::string message) {
    return std::unexpected(Refusal{ErrorCode::unknown_server_error, std::move(message)});
}

std::expected<InternalTopics, Refusal> internal_topics(const std::vector<TopicInfo>& infos,
                                                       const PartitionCounts& counts) {
    InternalTopics topics;
    for (const auto& info : infos) {
        InternalTopic topic{
            .partition_count = info.partitions != 0 ? info.partitions : counts.decided(info.name),
            .replication_factor = info.replication_factor,
            .configs = {}};
        if (const auto checked = check_name(info.name); !checked)
            return std::unexpected(checked.error());
        if (topic.partition_count < 1)
            return unforeseen("Topic " + info.name + " would have no partitions.");
        for (const auto& [key, value] : info.topic_configs)
            if (!topic.configs.emplace(key, value).second)
                return unforeseen("Topic " + info.name + " has two values of " + key + ".");
        if (!topics.emplace(info.name, std::move(topic)).second)
            return unforeseen("There are two topics " + info.name + " in a subtopology.");
    }
    return topics;
}

std::expected<ConfiguredSubtopology, Refusal> configure(const Subtopology& subtopology,
                                                        const PartitionCounts& counts) {
    ConfiguredSubtopology configured;
    configured.task_count = counts.widest_source(subtopology).value_or(0);
    configured.source_topics.insert(subtopology.source_topics.begin(),
                                    subtopology.source_topics.end());
    configured.repartition_sink_topics.insert(subtopology.repartition_sink_topics.begin(),
                                              subtopology.repartition_sink_topics.end());
    auto sources = internal_topics(subtopology.repartition_source_topics, counts);
    if (!sources) return std::unexpected(std::move(sources.error()));
    configured.repartition_source_topics = std::move(*sources);
    auto changelogs = internal_topics(subtopology.state_changelog_topics, counts);
    if (!changelogs) return std::unexpected(std::move(changelogs.error()));
    configured.state_changelog_topics = std::move(*changelogs);
    return configured;
}

std::optional<ConfiguredTopology::Problem> missing_sources(const StreamsTopology& topology,
                                                           const ClusterView& cluster) {
    std::set<std::string_view> missing;
    for (const auto& [id, subtopology] : topology.subtopologies)
        for (const std::string& name : subtopology.source_topics)
            if (!cluster.find_topic(name)) missing.insert(name);
    if (missing.empty()) return std::nullopt;
    return ConfiguredTopology::Problem{StreamsStatus::missing_source_topics,
                                       "Source topics " + summary(missing) + " are missing."};
}

// The internal topics that are not there; those that are have to have the right number of
// partitions.
std::expected<InternalTopics, ConfiguredTopology::Problem> topics_to_create(
    const ConfiguredTopology::Subtopologies& subtopologies, const StreamsTopology& topology,
    const ClusterView& cluster) {
    InternalTopics missing;
    for (const auto& [id, subtopology] : subtopologies) {
        for (const auto& [name, topic] : subtopology.repartition_source_topics)
            missing.insert_or_assign(name, topic);
        for (const auto& [name, topic] : subtopology.state_changelog_topics)
            missing.insert_or_assign(name, topic);
    }
    for (const std::string_view name : required_topics(topology)) {
        const auto there = cluster.find_topic(name);
        const auto expected = missing.find(name);
        if (!there || expected == missing.end()) continue;
        if (there->partition_count != expected->second.partition_count)
            return std::unexpected(ConfiguredTopology::Problem{
                StreamsStatus::incorrectly_partitioned_topics,
                "Existing topic " + std::string(name) +
                    " has different number of partitions: expected " +
                    std::to_string(expected->second.partition_count) + ", found " +
                    std::to_string(there->partition_count)});
        missing.erase(expected);
    }
    return missing;
}

std::expected<ConfiguredTopology::Subtopologies, Refusal> configure_all(
    const StreamsTopology& topology, const PartitionCounts& counts) {
    ConfiguredTopology::Subtopologies subtopologies;
    int64_t task_count = 0;
    for (const auto& [id, subtopology] : topology.subtopologies) {
        auto configured = configure(subtopology, counts);
        if (!configured) return std::unexpected(std::move(configured.error()));
        task_count += configured->task_count;
        if (task_count > topology_tasks_max)
            return std::unexpected(Refusal{
                ErrorCode::streams_invalid_topology,
                "The topology has more than " + std::to_string(topology_tasks_max) + " tasks."});
        subtopologies.emplace(id, std::move(*configured));
    }
    return subtopologies;
}

}  // namespace

std::expected<ConfiguredTopology, Refusal> configure_topology(const StreamsTopology& topology,
                                                              int64_t metadata_hash,
                                                              const ClusterView& cluster) {
    ConfiguredTopology configured{.epoch = topology.epoch,
                                  .metadata_hash = metadata_hash,
                                  .subtopologies = std::nullopt,
                                  .topics_to_create = {},
                                  .problem = std::nullopt};
    PartitionCounts counts(topology, cluster);
    if (const auto found = counts.find_copartitioned(); !found)
        return std::unexpected(found.error());
    configured.problem = missing_sources(topology, cluster);
    if (configured.problem) return configured;
    auto decided = counts.decide();
    if (!decided) {
        if (!decided.error().is_problem) return std::unexpected(std::move(decided.error().refusal));
        configured.problem = {StreamsStatus::incorrectly_partitioned_topics,
                              std::move(decided.error().refusal.message)};
        return configured;
    }
    auto subtopologies = configure_all(topology, counts);
    if (!subtopologies) return std::unexpected(std::move(subtopologies.error()));
    auto missing = topics_to_create(*subtopologies, topology, cluster);
    if (!missing) {
        configured.problem = std::move(missing.error());
        return configured;
    }
    configured.subtopologies = std::move(*subtopologies);
    configured.topics_to_create = std::move(*missing);
    if (!configured.topics_to_create.empty())
        configured.problem = {StreamsStatus::missing_internal_topics,
                              "Internal topics are missing: " +
                                  summary(std::views::keys(configured.topics_to_create))};
    return configured;
}

namespace {

std::vector<Described::TopicInfo> described(const InternalTopics& topics) {
    std::vector<Described::TopicInfo> infos;
    for (const auto& [name, topic] : topics) {
        auto& info = infos.emplace_back();
        info.name = name;
        info.partitions = topic.partition_count;
        info.replication_factor = topic.replication_factor;
        for (const auto& [key, value] : topic.configs) info.topic_configs.push_back({key, value});
    }
    return infos;
}

}  // namespace

Described::DescribedGroup::Topology describe(const ConfiguredTopology& topology) {
    Described::DescribedGroup::Topology answer;
    answer.epoch = topology.epoch;
    auto& subtopologies = answer.subtopologies.emplace();
    if (!topology.subtopologies) return answer;
    for (const auto& [id, subtopology] : *topology.subtopologies)
        subtopologies.push_back(
            {.subtopology_id = id,
             .source_topics = {subtopology.source_topics.begin(), subtopology.source_topics.end()},
             .repartition_sink_topics = {subtopology.repartition_sink_topics.begin(),
                                         subtopology.repartition_sink_topics.end()},
             .state_changelog_topics = described(subtopology.state_changelog_topics),
             .repartition_source_topics = described(subtopology.repartition_source_topics)});
    return answer;
}

}  // namespace broker::coordinator::group
