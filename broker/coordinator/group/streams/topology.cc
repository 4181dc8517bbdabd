#include "broker/coordinator/group/streams/topology.h"

#include <algorithm>
#include <utility>

namespace broker::coordinator::group {

using protocol::ErrorCode;
using Described = protocol::StreamsGroupDescribeResponse;
using Stored = protocol::StreamsGroupTopologyValue;
using Told = protocol::StreamsGroupHeartbeatRequest;

std::expected<void, Refusal> check_supported(const Told::Topology& topology) {
    for (const auto& subtopology : topology.subtopologies)
        if (!subtopology.source_topic_regex.empty())
            return std::unexpected(
                Refusal{ErrorCode::invalid_request,
                        "Regular expressions for source topics are not supported yet."});
    return {};
}

std::expected<void, Refusal> check_changelogs(const Told::Topology& topology) {
    for (const auto& subtopology : topology.subtopologies)
        for (const auto& topic : subtopology.state_changelog_topics)
            if (topic.partitions != 0)
                return std::unexpected(
                    Refusal{ErrorCode::streams_invalid_topology,
                            "Changelog topic " + std::string(topic.name) +
                                " must have an undefined partition count, but it is set to " +
                                std::to_string(topic.partitions) + "."});
    return {};
}

namespace {

std::vector<std::string> owned(const std::vector<std::string_view>& strings) {
    return {strings.begin(), strings.end()};
}

std::vector<Stored::TopicInfo> stored(const std::vector<Told::TopicInfo>& topics) {
    std::vector<Stored::TopicInfo> infos;
    infos.reserve(topics.size());
    for (const auto& topic : topics) {
        auto& info = infos.emplace_back();
        info.name = topic.name;
        info.partitions = topic.partitions;
        info.replication_factor = topic.replication_factor;
        for (const auto& [key, value] : topic.topic_configs)
            info.topic_configs.push_back({std::string(key), std::string(value)});
    }
    return infos;
}

Stored::Subtopology stored(const Told::Topology::Subtopology& told) {
    Stored::Subtopology subtopology;
    subtopology.subtopology_id = told.subtopology_id;
    subtopology.source_topics = owned(told.source_topics);
    subtopology.source_topic_regex = owned(told.source_topic_regex);
    subtopology.state_changelog_topics = stored(told.state_changelog_topics);
    subtopology.repartition_sink_topics = owned(told.repartition_sink_topics);
    subtopology.repartition_source_topics = stored(told.repartition_source_topics);
    for (const auto& group : told.copartition_groups)
        subtopology.copartition_groups.push_back(
            {group.source_topics, group.source_topic_regex, group.repartition_source_topics});
    return subtopology;
}

std::vector<Described::TopicInfo> described(const std::vector<Stored::TopicInfo>& topics) {
    std::vector<Described::TopicInfo> infos;
    for (const auto& topic : topics) {
        auto& info = infos.emplace_back();
        info.name = topic.name;
        info.partitions = topic.partitions;
        info.replication_factor = topic.replication_factor;
        for (const auto& [key, value] : topic.topic_configs)
            info.topic_configs.push_back({key, value});
    }
    std::ranges::sort(infos, {}, &Described::TopicInfo::name);
    return infos;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
    std::ranges::sort(names);
    return names;
}

}  // namespace

Stored topology_value(const Told::Topology& topology) {
    Stored value;
    value.epoch = topology.epoch;
    value.subtopologies.reserve(topology.subtopologies.size());
    for (const auto& subtopology : topology.subtopologies)
        value.subtopologies.push_back(stored(subtopology));
    return value;
}

std::expected<StreamsTopology, Refusal> make_topology(Stored value) {
    if (value.epoch < 0)
        return std::unexpected(
            Refusal{ErrorCode::unknown_server_error, "Topology epoch must be non-negative."});
    StreamsTopology topology{.epoch = value.epoch, .subtopologies = {}};
    for (auto& subtopology : value.subtopologies) {
        const std::string id = subtopology.subtopology_id;
        if (!topology.subtopologies.emplace(id, std::move(subtopology)).second)
            return std::unexpected(Refusal{ErrorCode::unknown_server_error,
                                           "There are two subtopologies " + id + "."});
    }
    return topology;
}

std::set<std::string_view> source_topics(const StreamsTopology& topology) {
    std::set<std::string_view> names;
    for (const auto& [id, subtopology] : topology.subtopologies) {
        names.insert(subtopology.source_topics.begin(), subtopology.source_topics.end());
        for (const auto& topic : subtopology.repartition_source_topics) names.insert(topic.name);
    }
    return names;
}

std::set<std::string_view> required_topics(const StreamsTopology& topology) {
    std::set<std::string_view> names = source_topics(topology);
    for (const auto& [id, subtopology] : topology.subtopologies)
        for (const auto& topic : subtopology.state_changelog_topics) names.insert(topic.name);
    return names;
}

Described::DescribedGroup::Topology describe(const StreamsTopology& topology) {
    Described::DescribedGroup::Topology answer;
    answer.epoch = topology.epoch;
    auto& subtopologies = answer.subtopologies.emplace();
    for (const auto& [id, subtopology] : topology.subtopologies)
        subtopologies.push_back(
            {.subtopology_id = id,
             .source_topics = sorted(subtopology.source_topics),
             .repartition_sink_topics = sorted(subtopology.repartition_sink_topics),
             .state_changelog_topics = described(subtopology.state_changelog_topics),
             .repartition_source_topics = described(subtopology.repartition_source_topics)});
    return answer;
}

}  // namespace broker::coordinator::group
