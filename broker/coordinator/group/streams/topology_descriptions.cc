#include "broker/coordinator/group/streams/topology_descriptions.h"

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

namespace broker::coordinator::group {

using protocol::ErrorCode;

namespace {

using Node = protocol::StreamsGroupDescribeResponse::TopologyDescriptionNode;
using ToldNode = protocol::StreamsGroupTopologyDescriptionUpdateRequest::TopologyDescriptionNode;

// NodeType of the schema.
constexpr int8_t source = 1;
constexpr int8_t processor = 2;
constexpr int8_t sink = 3;

// Kafka's, without the fifth by which it varies: only one member of a group is asked at a time.
constexpr int64_t first_wait_ms = 30'000;
constexpr int64_t wait_ms_max = 3'600'000;
constexpr int doublings_max = 7;  // the first that is above it

// In the order in which they were told.
std::vector<std::string> distinct(const std::vector<std::string_view>& told) {
    std::vector<std::string> names;
    std::unordered_set<std::string_view> seen;
    for (const std::string_view name : told)
        if (seen.insert(name).second) names.emplace_back(name);
    return names;
}

std::expected<Node, Refusal> read_node(const ToldNode& told) {
    Node node{.name = std::string(told.name),
              .node_type = told.node_type,
              .successors = distinct(told.successors)};
    switch (told.node_type) {
        case source: node.source_topics = distinct(told.source_topics); return node;
        case processor: node.stores = distinct(told.stores); return node;
        case sink:
            if (told.sink_topic) node.sink_topic = *told.sink_topic;
            return node;
        default:
            return refuse(ErrorCode::invalid_request, "Unknown topology description node type: " +
                                                          std::to_string(told.node_type));
    }
}

size_t size_of(const std::string& text) { return sizeof(text) + text.size(); }

size_t size_of(const std::vector<std::string>& names) {
    size_t bytes = 0;
    for (const std::string& name : names) bytes += size_of(name);
    return bytes;
}

size_t size_of(const Node& node) {
    return sizeof(node) + node.name.size() + node.sink_topic.value_or("").size() +
           size_of(node.source_topics) + size_of(node.stores) + size_of(node.successors);
}

}  // namespace

std::expected<TopologyDescription, Refusal> read_description(const ToldTopologyDescription& told) {
    TopologyDescription description;
    for (const auto& [id, nodes] : told.subtopologies) {
        auto& subtopology = description.subtopologies.emplace_back();
        subtopology.subtopology_id = id;
        for (const ToldNode& told_node : nodes) {
            auto node = read_node(told_node);
            if (!node) return std::unexpected(std::move(node.error()));
            subtopology.nodes.push_back(std::move(*node));
        }
    }
    for (const auto& store : told.global_stores) {
        auto from = read_node(store.source);
        if (!from) return std::unexpected(std::move(from.error()));
        auto into = read_node(store.processor);
        if (!into) return std::unexpected(std::move(into.error()));
        if (from->node_type != source || into->node_type != processor)
            return refuse(ErrorCode::invalid_request,
                          "A global store must be composed of a source and a processor node.");
        description.global_stores.push_back({std::move(*from), std::move(*into)});
    }
    return description;
}

size_t size_bytes(const TopologyDescription& description) {
    size_t bytes = sizeof(description);
    for (const auto& subtopology : description.subtopologies) {
        bytes += sizeof(subtopology) + subtopology.subtopology_id.size();
        for (const Node& node : subtopology.nodes) bytes += size_of(node);
    }
    for (const auto& store : description.global_stores)
        bytes += size_of(store.source) + size_of(store.processor);
    return bytes;
}

TopologyDescriptions::Entry& TopologyDescriptions::entry_of(const std::string& group_id,
                                                            int32_t topology_epoch) {
    auto [at, is_new] = entries_.try_emplace(group_id);
    Entry& entry = at->second;
    if (!is_new && entry.topology_epoch == topology_epoch) return entry;
    drop(entry);
    entry = Entry{.topology_epoch = topology_epoch};
    return entry;
}

void TopologyDescriptions::drop(Entry& entry) {
    total_bytes_ -= std::exchange(entry.bytes, 0);
    entry.description.reset();
}

void TopologyDescriptions::count_attempt(Entry& entry, int64_t now_ms) {
    const int doublings = std::min(entry.attempts, doublings_max);
    entry.attempts = doublings + 1;
    entry.next_attempt_ms = now_ms + std::min(first_wait_ms << doublings, wait_ms_max);
}

bool TopologyDescriptions::ask(const std::string& group_id, int32_t topology_epoch,
                               int64_t now_ms) {
    Entry& entry = entry_of(group_id, topology_epoch);
    if (entry.description || entry.is_refused || now_ms < entry.next_attempt_ms) return false;
    count_attempt(entry, now_ms);
    return true;
}

std::expected<void, Refusal> TopologyDescriptions::keep(const std::string& group_id,
                                                        int32_t topology_epoch,
                                                        TopologyDescription description,
                                                        int64_t now_ms) {
    Entry& entry = entry_of(group_id, topology_epoch);
    // What is refused does not take the place of what is there.
    const size_t bytes = size_bytes(description);
    if (bytes > description_bytes_max) {
        entry.is_refused = true;
        return refuse(ErrorCode::streams_topology_description_update_failed,
                      "The description of the topology is too large to be kept.");
    }
    if (total_bytes_ - entry.bytes + bytes > total_bytes_max) {
        count_attempt(entry, now_ms);
        return refuse(ErrorCode::streams_topology_description_update_failed,
                      "There is no room for another description of a topology.");
    }
    drop(entry);
    entry.attempts = 0;
    entry.next_attempt_ms = 0;
    entry.description = std::move(description);
    entry.bytes = bytes;
    total_bytes_ += bytes;
    return {};
}

const TopologyDescription* TopologyDescriptions::find(std::string_view group_id,
                                                      int32_t topology_epoch) const {
    const auto at = entries_.find(group_id);
    if (at == entries_.end() || at->second.topology_epoch != topology_epoch) return nullptr;
    return at->second.description ? &*at->second.description : nullptr;
}

void TopologyDescriptions::forget(std::string_view group_id) {
    const auto at = entries_.find(group_id);
    if (at == entries_.end()) return;
    drop(at->second);
    entries_.erase(at);
}

}  // namespace broker::coordinator::group
