// Descriptions of the topologies of streams groups (KIP-1331): who is asked for them, and when, and
// what is kept.
#include <doctest/doctest.h>

#include <string>

#include "broker/coordinator/group/streams/topology_descriptions.h"
#include "tests/broker/coordinator/group/streams_conversation.h"

using namespace broker::coordinator::group;
using protocol::ErrorCode;
using tests::StreamsConversation;
using tests::TestTopology;

namespace {

using Request = protocol::StreamsGroupTopologyDescriptionUpdateRequest;
using Node = Request::TopologyDescriptionNode;

const std::string text(1000, 'x');

// Of about so many bytes.
ToldTopologyDescription told_of(size_t bytes) {
    ToldTopologyDescription told;
    auto& nodes = told.subtopologies.emplace_back().nodes;
    for (size_t count = bytes / text.size(); count > 0; --count)
        nodes.push_back({.name = text, .node_type = 2});
    return told;
}

TopologyDescription of(size_t bytes) { return *read_description(told_of(bytes)); }

ErrorCode read_error(Node node) {
    ToldTopologyDescription told;
    told.subtopologies.push_back({.subtopology_id = "0", .nodes = {std::move(node)}});
    const auto read = read_description(told);
    return read ? ErrorCode::none : read.error().error;
}

StreamsConversation asking() {
    return StreamsConversation(2, {.group_streams_keeps_topology_descriptions = true});
}

bool is_asked(const StreamsConversation& group) {
    return group.answer().response.topology_description_required;
}

ErrorCode push(StreamsConversation& group, std::string_view member_id, int32_t epoch = 0,
               std::string_view group_id = "g") {
    Request request{.group_id = group_id, .member_id = member_id, .topology_epoch = epoch};
    auto& nodes = request.topology_description.subtopologies.emplace_back().nodes;
    nodes.push_back({.name = "a-source", .node_type = 1, .source_topics = {"t"}});
    auto& shell = group.shell();
    const auto kept = shell.coordinator().describe_topology(request, shell.now_ms());
    return kept ? ErrorCode::none : kept.error().error;
}

// The status, and the names of the nodes that are shown.
std::string described(StreamsConversation& group) {
    const auto seen = group.shell().coordinator().describe_streams_group("g", true);
    std::string shown = std::to_string(seen.topology_description_status);
    if (!seen.topology_description) return shown;
    for (const auto& node : seen.topology_description->subtopologies.at(0).nodes)
        shown += " " + node.name;
    return shown;
}

}  // namespace

TEST_CASE("a description has of each node what its kind has, and each name once") {
    ToldTopologyDescription told;
    told.subtopologies.push_back(
        {.subtopology_id = "0",
         .nodes = {{.name = "in",
                    .node_type = 1,
                    .source_topics = {"b", "a", "b"},
                    .sink_topic = "no",
                    .stores = {"no"},
                    .successors = {"step"}},
                   {.name = "step",
                    .node_type = 2,
                    .source_topics = {"no"},
                    .stores = {"s", "s"},
                    .successors = {"out", "out"}},
                   {.name = "out", .node_type = 3, .sink_topic = "c", .stores = {"no"}}}});
    told.global_stores.push_back(
        {.source = {.name = "from", .node_type = 1}, .processor = {.name = "to", .node_type = 2}});
    const auto read = read_description(told);
    REQUIRE(read);
    const auto& nodes = read->subtopologies.at(0).nodes;
    CHECK(nodes.at(0).source_topics == std::vector<std::string>{"b", "a"});
    CHECK(nodes.at(0).stores.empty());
    CHECK_FALSE(nodes.at(0).sink_topic);
    CHECK(nodes.at(1).source_topics.empty());
    CHECK(nodes.at(1).stores == std::vector<std::string>{"s"});
    CHECK(nodes.at(1).successors == std::vector<std::string>{"out"});
    CHECK(nodes.at(2).sink_topic == "c");
    CHECK(nodes.at(2).stores.empty());
    CHECK(read->global_stores.at(0).processor.name == "to");
}

TEST_CASE("nodes of no known kind are no description, nor is a global store of other nodes") {
    CHECK(read_error({.name = "a", .node_type = 3}) == ErrorCode::none);
    CHECK(read_error({.name = "a", .node_type = 0}) == ErrorCode::invalid_request);
    CHECK(read_error({.name = "a", .node_type = 4}) == ErrorCode::invalid_request);
    ToldTopologyDescription told;
    told.global_stores.push_back(
        {.source = {.name = "a", .node_type = 2}, .processor = {.name = "b", .node_type = 2}});
    CHECK(read_description(told).error().error == ErrorCode::invalid_request);
    told.global_stores = {
        {.source = {.name = "a", .node_type = 1}, .processor = {.name = "b", .node_type = 3}}};
    CHECK(read_description(told).error().error == ErrorCode::invalid_request);
}

TEST_CASE("a description is asked for once, and again after a wait that doubles up to an hour") {
    TopologyDescriptions descriptions;
    int64_t now_ms = 1;
    CHECK(descriptions.ask("g", 0, now_ms));
    for (const int64_t wait_ms : {30'000, 60'000, 120'000, 240'000, 480'000, 960'000, 1'920'000,
                                  3'600'000, 3'600'000, 3'600'000}) {
        CHECK_FALSE(descriptions.ask("g", 0, now_ms + wait_ms - 1));
        now_ms += wait_ms;
        CHECK(descriptions.ask("g", 0, now_ms));
    }
    CHECK(descriptions.ask("other", 0, now_ms));
    CHECK(descriptions.ask("g", 1, now_ms));
}

TEST_CASE("what is kept is not asked for, and replaces what was kept before") {
    TopologyDescriptions descriptions;
    CHECK(descriptions.keep("g", 0, of(2000), 1));
    const size_t small = descriptions.total_bytes();
    CHECK(small > 2000);
    CHECK_FALSE(descriptions.ask("g", 0, 1'000'000'000));
    CHECK(descriptions.keep("g", 0, of(5000), 1));
    CHECK(descriptions.find("g", 0)->subtopologies.at(0).nodes.size() == 5);
    CHECK(descriptions.find("g", 1) == nullptr);
    CHECK(descriptions.find("h", 0) == nullptr);
    CHECK(descriptions.keep("g", 1, of(2000), 1));
    CHECK(descriptions.find("g", 0) == nullptr);
    CHECK(descriptions.total_bytes() == small);
    descriptions.forget("g");
    CHECK(descriptions.find("g", 1) == nullptr);
    CHECK(descriptions.total_bytes() == 0);
}

TEST_CASE("a description that is too large does not take the place of another one") {
    TopologyDescriptions descriptions;
    CHECK(descriptions.keep("g", 0, of(2000), 1));
    CHECK_FALSE(descriptions.keep("g", 0, of(TopologyDescriptions::description_bytes_max), 1));
    CHECK(descriptions.find("g", 0) != nullptr);
}

TEST_CASE("a description that is too large is not kept, and nobody is asked for it again") {
    TopologyDescriptions descriptions;
    const auto kept = descriptions.keep("g", 0, of(TopologyDescriptions::description_bytes_max), 1);
    CHECK(kept.error().error == ErrorCode::streams_topology_description_update_failed);
    CHECK(descriptions.find("g", 0) == nullptr);
    CHECK(descriptions.total_bytes() == 0);
    CHECK_FALSE(descriptions.ask("g", 0, 1'000'000'000));
    CHECK(descriptions.ask("g", 1, 1'000'000'000));
}

TEST_CASE("descriptions take no more memory than their limit, and find room when others go") {
    TopologyDescriptions descriptions;
    const auto large = of(TopologyDescriptions::description_bytes_max / 2);
    int count = 0;
    while (descriptions.keep("g" + std::to_string(count), 0, large, 1)) ++count;
    CHECK(count >= 4);
    CHECK(descriptions.total_bytes() <= TopologyDescriptions::total_bytes_max);
    const std::string last = "g" + std::to_string(count);
    CHECK(descriptions.find(last, 0) == nullptr);
    CHECK_FALSE(descriptions.ask(last, 0, 30'000));
    CHECK(descriptions.ask(last, 0, 30'001));
    descriptions.forget("g0");
    CHECK(descriptions.keep(last, 0, large, 1));
}

TEST_CASE("the first member is asked for the topology's description, and who looks sees it") {
    auto group = asking();
    group.join("a");
    CHECK(is_asked(group));
    group.join("b");
    CHECK_FALSE(is_asked(group));
    CHECK(described(group) == "1");
    CHECK(push(group, "a") == ErrorCode::none);
    CHECK(described(group) == "3 a-source");
    CHECK(group.shell().coordinator().describe_streams_group("g").topology_description_status == 0);
    group.wait(40'000);
    group.beat("a", 2);
    CHECK_FALSE(is_asked(group));
}

TEST_CASE("another member is asked when the first has not told") {
    auto group = asking();
    group.join("a");
    group.join("b");
    group.wait(30'000);
    group.beat("a", 2);
    CHECK(is_asked(group));
    group.say({.member_id = "b", .epoch = 3});
    CHECK_FALSE(is_asked(group));
}

TEST_CASE("members are asked again after a restart, which takes descriptions with it") {
    auto group = asking();
    group.join("a");
    push(group, "a");
    group.shell().restart();
    CHECK(described(group) == "1");
    group.beat("a", 2);
    CHECK(is_asked(group));
}

TEST_CASE("a description goes with its group") {
    auto group = asking();
    group.join("a");
    push(group, "a");
    group.leave("a");
    CHECK(described(group) == "3 a-source");
    group.shell().apply(group.shell().coordinator().delete_group("g").value());
    group.join("a");
    CHECK(described(group) == "1");
    CHECK(is_asked(group));
}

TEST_CASE("who is no member, or speaks of another topology, describes none") {
    auto group = asking();
    CHECK(push(group, "a") == ErrorCode::group_id_not_found);
    group.join("a");
    CHECK(push(group, "b") == ErrorCode::unknown_member_id);
    CHECK(push(group, "a", 1) == ErrorCode::invalid_request);
    CHECK(push(group, "a", -1) == ErrorCode::invalid_request);
    CHECK(described(group) == "1");
}

TEST_CASE("descriptions are not asked of old clients, of old applications, or if none are kept") {
    auto group = asking();
    const tests::StreamsBeat old{.member_id = "a",
                                 .process_id = "a",
                                 .topology = TestTopology{.epoch = 1},
                                 .active = tests::OwnedPartitions{},
                                 .rebalance_timeout_ms = 10'000,
                                 .version = 0};
    group.say(old);
    CHECK_FALSE(is_asked(group));
    group.join("b", TestTopology{.epoch = 0});
    CHECK_FALSE(is_asked(group));
    group.join("c", TestTopology{.epoch = 1});
    CHECK(is_asked(group));
    StreamsConversation silent(2);
    silent.join("a");
    CHECK_FALSE(is_asked(silent));
}
