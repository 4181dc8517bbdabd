// Topologies of streams groups, and what the cluster's topics make of them: tasks, internal topics,
// and why a topology cannot be run.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "broker/coordinator/group/streams/configured_topology.h"
#include "tests/broker/coordinator/group/group_shell.h"

namespace group = broker::coordinator::group;
using group::ConfiguredTopology;
using group::StreamsStatus;
using protocol::ErrorCode;
using Stored = protocol::StreamsGroupTopologyValue;
using Told = protocol::StreamsGroupHeartbeatRequest;

namespace {

Stored::TopicInfo topic(const std::string& name, int32_t partitions = 0) {
    return {.name = name, .partitions = partitions, .replication_factor = 0, .topic_configs = {}};
}

// Reads `sources`, and repartition topics; writes to repartition topics; has state.
struct Part {
    std::vector<std::string> sources = {};
    std::vector<Stored::TopicInfo> repartition_sources = {};
    std::vector<std::string> repartition_sinks = {};
    std::vector<Stored::TopicInfo> changelogs = {};
    std::vector<Stored::Subtopology::CopartitionGroup> copartition_groups = {};
};

// Subtopologies "0", "1" and so on.
group::StreamsTopology topology(const std::vector<Part>& parts) {
    Stored value;
    value.epoch = 3;
    for (const Part& part : parts)
        value.subtopologies.push_back({.subtopology_id = std::to_string(value.subtopologies.size()),
                                       .source_topics = part.sources,
                                       .source_topic_regex = {},
                                       .state_changelog_topics = part.changelogs,
                                       .repartition_sink_topics = part.repartition_sinks,
                                       .repartition_source_topics = part.repartition_sources,
                                       .copartition_groups = part.copartition_groups});
    return *group::make_topology(std::move(value));
}

tests::TestCluster cluster(const std::vector<std::pair<std::string, int32_t>>& topics) {
    tests::TestCluster cluster;
    for (const auto& [name, count] : topics) cluster.set_topic(name, count);
    return cluster;
}

ConfiguredTopology configure(const std::vector<Part>& parts, const tests::TestCluster& cluster) {
    auto configured = group::configure_topology(topology(parts), 42, cluster);
    REQUIRE(configured);
    CHECK(configured->epoch == 3);
    CHECK(configured->metadata_hash == 42);
    return *configured;
}

ErrorCode refused(const std::vector<Part>& parts, const tests::TestCluster& cluster) {
    const auto configured = group::configure_topology(topology(parts), 42, cluster);
    REQUIRE(!configured);
    return configured.error().error;
}

ConfiguredTopology::Problem problem(const std::vector<Part>& parts,
                                    const tests::TestCluster& cluster) {
    const ConfiguredTopology configured = configure(parts, cluster);
    REQUIRE(configured.problem);
    CHECK(!configured.is_ready());
    return *configured.problem;
}

// Counts words: 0 writes to a repartition topic that 1 reads, with state.
const std::vector<Part> counting = {
    {.sources = {"lines"}, .repartition_sinks = {"words"}},
    {.repartition_sources = {topic("words")}, .changelogs = {topic("counts")}}};

}  // namespace

TEST_CASE("a topology is ready when its topics are there") {
    const auto configured =
        configure(counting, cluster({{"lines", 3}, {"words", 3}, {"counts", 3}}));
    CHECK(configured.is_ready());
    CHECK(configured.topics_to_create.empty());
    REQUIRE(configured.subtopologies);
    CHECK(configured.subtopologies->at("0").task_count == 3);
    CHECK(!configured.subtopologies->at("0").is_stateful());
    CHECK(configured.subtopologies->at("1").task_count == 3);
    CHECK(configured.subtopologies->at("1").is_stateful());
}

TEST_CASE("missing internal topics are to be created, with the partitions of what comes before") {
    const auto configured = configure(counting, cluster({{"lines", 5}}));
    CHECK(configured.problem ==
          ConfiguredTopology::Problem{StreamsStatus::missing_internal_topics,
                                      "Internal topics are missing: counts, words"});
    CHECK(configured.topics_to_create == group::InternalTopics{{"counts", {.partition_count = 5}},
                                                               {"words", {.partition_count = 5}}});
    CHECK(configured.subtopologies);
}

TEST_CASE("internal topics have the configs and replicas that the application wants") {
    std::vector<Part> parts = counting;
    parts[1].changelogs[0].replication_factor = 2;
    parts[1].changelogs[0].topic_configs = {{"cleanup.policy", "compact"}, {"a", "b"}};
    const auto configured = configure(parts, cluster({{"lines", 1}, {"words", 1}}));
    CHECK(configured.topics_to_create.at("counts") ==
          group::InternalTopic{.partition_count = 1,
                               .replication_factor = 2,
                               .configs = {{"a", "b"}, {"cleanup.policy", "compact"}}});
}

TEST_CASE("a topology waits for its source topics, and names three of them") {
    CHECK(problem(counting, cluster({})) ==
          ConfiguredTopology::Problem{StreamsStatus::missing_source_topics,
                                      "Source topics lines are missing."});
    const auto missing = problem({{.sources = {"e", "d", "c", "b", "a"}}}, cluster({{"d", 1}}));
    CHECK(missing.detail == "Source topics a, b, c and 1 additional topics are missing.");
    CHECK(!configure(counting, cluster({})).subtopologies);
}

TEST_CASE("an internal topic that has another number of partitions is in the way") {
    const auto wrong = problem(counting, cluster({{"lines", 3}, {"words", 2}, {"counts", 2}}));
    CHECK(wrong.status == StreamsStatus::incorrectly_partitioned_topics);
    CHECK(wrong.detail ==
          "Existing topic words has different number of partitions: expected 3, found 2");
}

TEST_CASE("a repartition topic has the most partitions of what is read before it") {
    const auto configured = configure(
        {{.sources = {"few", "many"}, .repartition_sinks = {"r1"}},
         {.sources = {"few"}, .repartition_sources = {topic("r1")}, .repartition_sinks = {"r2"}},
         {.repartition_sources = {topic("r2")}}},
        cluster({{"few", 2}, {"many", 7}}));
    CHECK(configured.topics_to_create.at("r1").partition_count == 7);
    // Subtopology 1 is looked at when r1 is known.
    CHECK(configured.topics_to_create.at("r2").partition_count == 7);
    CHECK(configured.subtopologies->at("2").task_count == 7);
}

TEST_CASE("repartition counts are found whatever the order of subtopologies") {
    std::vector<Part> parts;
    constexpr int length = 60;  // longer than what comes before: "9" sorts after "10"
    for (int i = 0; i < length; ++i)
        parts.push_back({.repartition_sources = {topic("r" + std::to_string(i + 1))},
                         .repartition_sinks = {"r" + std::to_string(i)}});
    parts.push_back({.sources = {"input"}, .repartition_sinks = {"r" + std::to_string(length)}});
    parts.push_back({.repartition_sources = {topic("r0")}});
    const auto configured = configure(parts, cluster({{"input", 4}}));
    for (int i = 0; i <= length; ++i)
        CHECK(configured.topics_to_create.at("r" + std::to_string(i)).partition_count == 4);
}

TEST_CASE("a repartition topic may have a number of partitions of its own") {
    std::vector<Part> parts = counting;
    parts[1].repartition_sources[0].partitions = 8;
    const auto configured = configure(parts, cluster({{"lines", 2}}));
    CHECK(configured.topics_to_create.at("words").partition_count == 8);
    CHECK(configured.topics_to_create.at("counts").partition_count == 8);
    CHECK(configured.subtopologies->at("1").task_count == 8);
}

TEST_CASE("repartition topics that only come from each other are refused") {
    CHECK(refused({{.repartition_sources = {topic("a")}, .repartition_sinks = {"b"}},
                   {.repartition_sources = {topic("b")}, .repartition_sinks = {"a"}}},
                  cluster({})) == ErrorCode::streams_invalid_topology);
}

TEST_CASE("a loop with a source outside has the number of partitions of that") {
    const auto configured = configure({{.sources = {"input"},
                                        .repartition_sources = {topic("loop")},
                                        .repartition_sinks = {"loop"}}},
                                      cluster({{"input", 3}}));
    CHECK(configured.topics_to_create.at("loop").partition_count == 3);
}

TEST_CASE("a repartition topic that nobody writes to is refused") {
    CHECK(refused({{.repartition_sources = {topic("words")}}}, cluster({})) ==
          ErrorCode::streams_invalid_topology);
}

TEST_CASE("a subtopology that reads nothing is refused") {
    CHECK(refused({{.changelogs = {topic("counts")}}}, cluster({})) ==
          ErrorCode::streams_invalid_topology);
}

TEST_CASE("a topology without subtopologies is ready, and has no tasks") {
    const auto configured = configure({}, cluster({}));
    CHECK(configured.is_ready());
    CHECK(configured.subtopologies->empty());
}

TEST_CASE("copartitioned topics have to have the same number of partitions") {
    const std::vector<Part> joining = {
        {.sources = {"orders", "users"}, .copartition_groups = {{{0, 1}, {}, {}}}}};
    CHECK(configure(joining, cluster({{"orders", 3}, {"users", 3}})).is_ready());
    const auto wrong = problem(joining, cluster({{"orders", 3}, {"users", 4}}));
    CHECK(wrong.status == StreamsStatus::incorrectly_partitioned_topics);
    CHECK(wrong.detail ==
          "Following topics do not have the same number of partitions: [{orders=3, users=4}]");
}

TEST_CASE("a repartition topic follows what it is copartitioned with") {
    const std::vector<Part> joining = {{.sources = {"many"}, .repartition_sinks = {"rekeyed"}},
                                       {.sources = {"few"},
                                        .repartition_sources = {topic("rekeyed")},
                                        .changelogs = {topic("store")},
                                        .copartition_groups = {{{0}, {}, {0}}}}};
    const auto configured = configure(joining, cluster({{"many", 7}, {"few", 2}}));
    CHECK(configured.topics_to_create.at("rekeyed").partition_count == 2);
    CHECK(configured.topics_to_create.at("store").partition_count == 2);
    CHECK(configured.subtopologies->at("1").task_count == 2);
}

TEST_CASE("copartitioned repartition topics have as many partitions as the widest") {
    const auto configured = configure({{.sources = {"many"}, .repartition_sinks = {"a"}},
                                       {.sources = {"few"}, .repartition_sinks = {"b"}},
                                       {.repartition_sources = {topic("a"), topic("b")},
                                        .copartition_groups = {{{}, {}, {0, 1}}}}},
                                      cluster({{"many", 7}, {"few", 2}}));
    CHECK(configured.topics_to_create.at("a").partition_count == 7);
    CHECK(configured.topics_to_create.at("b").partition_count == 7);
}

TEST_CASE("a fixed repartition topic that does not fit to a source is a problem") {
    const auto wrong = problem({{.sources = {"many"}, .repartition_sinks = {"rekeyed"}},
                                {.sources = {"few"},
                                 .repartition_sources = {topic("rekeyed", 5)},
                                 .copartition_groups = {{{0}, {}, {0}}}}},
                               cluster({{"many", 7}, {"few", 2}}));
    CHECK(wrong.status == StreamsStatus::incorrectly_partitioned_topics);
    CHECK(wrong.detail ==
          "Number of partitions [5] of repartition topic [rekeyed] doesn't match number of "
          "partitions [2] of the source topic.");
}

TEST_CASE("copartitioned repartition topics of different fixed counts are a problem") {
    const auto wrong = problem({{.sources = {"in"}, .repartition_sinks = {"a", "b"}},
                                {.repartition_sources = {topic("a", 5), topic("b", 6)},
                                 .copartition_groups = {{{}, {}, {0, 1}}}}},
                               cluster({{"in", 7}}));
    CHECK(wrong.detail ==
          "Following topics do not have the same number of partitions: [{a=5, b=6}]");
}

TEST_CASE("a flexible repartition topic takes the count of a fixed one beside it") {
    const auto configured = configure({{.sources = {"in"}, .repartition_sinks = {"a", "b"}},
                                       {.repartition_sources = {topic("a", 5), topic("b")},
                                        .copartition_groups = {{{}, {}, {0, 1}}}}},
                                      cluster({{"in", 7}}));
    CHECK(configured.topics_to_create.at("b").partition_count == 5);
}

TEST_CASE("copartition groups that name topics there are not are refused") {
    for (const int16_t index : {int16_t{1}, int16_t{-1}, int16_t{32'767}}) {
        CAPTURE(index);
        CHECK(refused({{.sources = {"a"}, .copartition_groups = {{{index}, {}, {}}}}},
                      cluster({{"a", 1}})) == ErrorCode::unknown_server_error);
        CHECK(refused({{.sources = {"a"}, .copartition_groups = {{{}, {}, {index}}}}},
                      cluster({{"a", 1}})) == ErrorCode::unknown_server_error);
    }
    CHECK(configure({{.sources = {"a"}, .copartition_groups = {{}}}}, cluster({{"a", 1}}))
              .is_ready());
}

TEST_CASE("internal topics that cannot be are refused") {
    const auto changelog = [](const Stored::TopicInfo& it) {
        return std::vector<Part>{{.sources = {"a"}, .changelogs = {it}}};
    };
    const auto there = cluster({{"a", 1}});
    CHECK(refused(changelog(topic("a b")), there) == ErrorCode::invalid_topic_exception);
    CHECK(refused(changelog(topic("..")), there) == ErrorCode::invalid_topic_exception);
    CHECK(refused(changelog(topic("")), there) == ErrorCode::invalid_topic_exception);
    CHECK(refused(changelog(topic(std::string(250, 'x'))), there) ==
          ErrorCode::invalid_topic_exception);
    Stored::TopicInfo twice = topic("b");
    twice.topic_configs = {{"k", "1"}, {"k", "2"}};
    CHECK(refused(changelog(twice), there) == ErrorCode::unknown_server_error);
    CHECK(refused({{.sources = {"a"}, .changelogs = {topic("b"), topic("b")}}}, there) ==
          ErrorCode::unknown_server_error);
    CHECK(refused({{.sources = {"a"}, .repartition_sources = {topic("r", -4)}}}, there) ==
          ErrorCode::unknown_server_error);
}

TEST_CASE("a topology has no more tasks than fit") {
    CHECK(refused({{.sources = {"a"}, .repartition_sinks = {"r"}},
                   {.repartition_sources = {topic("r", 2'147'483'647)}}},
                  cluster({{"a", 1}})) == ErrorCode::streams_invalid_topology);
    std::vector<Part> many(1'001, Part{.sources = {"a"}});
    CHECK(refused(many, cluster({{"a", 100}})) == ErrorCode::streams_invalid_topology);
    many.pop_back();
    CHECK(configure(many, cluster({{"a", 100}})).is_ready());
}

TEST_CASE("a topology is stored as it was told") {
    Told::Topology told;
    told.epoch = 5;
    auto& subtopology = told.subtopologies.emplace_back();
    subtopology.subtopology_id = "s";
    subtopology.source_topics = {"b", "a"};
    subtopology.repartition_sink_topics = {"d", "c"};
    subtopology.repartition_source_topics = {{"c", 4, 2, {{"k", "v"}}}};
    subtopology.state_changelog_topics = {{"e", 0, 1, {}}};
    subtopology.copartition_groups = {{{1}, {}, {0}}};
    const Stored value = group::topology_value(told);
    REQUIRE(value.subtopologies.size() == 1);
    const auto topology = group::make_topology(value);
    REQUIRE(topology);
    CHECK(topology->epoch == 5);
    const auto& stored = topology->subtopologies.at("s");
    CHECK(stored == value.subtopologies[0]);
    CHECK(stored.source_topics == std::vector<std::string>{"b", "a"});
    CHECK(stored.repartition_source_topics[0].topic_configs[0].value == "v");
    CHECK(stored.copartition_groups[0].repartition_source_topics == std::vector<int16_t>{0});
    CHECK(group::source_topics(*topology) == std::set<std::string_view>{"a", "b", "c"});
    CHECK(group::required_topics(*topology) == std::set<std::string_view>{"a", "b", "c", "e"});
    // In another order it is another topology.
    std::swap(subtopology.source_topics[0], subtopology.source_topics[1]);
    CHECK(*group::make_topology(group::topology_value(told)) != *topology);

    const auto described = group::describe(*topology);
    CHECK(described.epoch == 5);
    REQUIRE(described.subtopologies);
    CHECK(described.subtopologies->at(0).source_topics == std::vector<std::string>{"a", "b"});
    CHECK(described.subtopologies->at(0).repartition_source_topics.at(0).partitions == 4);
}

TEST_CASE("two subtopologies of one id, and negative epochs, are refused") {
    Stored value;
    value.epoch = -1;
    CHECK(group::make_topology(value).error().error == ErrorCode::unknown_server_error);
    value.epoch = 0;
    value.subtopologies = {{.subtopology_id = "0"}, {.subtopology_id = "0"}};
    CHECK(group::make_topology(value).error().error == ErrorCode::unknown_server_error);
}

TEST_CASE("what clients may not say of topologies") {
    Told::Topology told;
    auto& subtopology = told.subtopologies.emplace_back();
    CHECK(group::check_supported(told));
    CHECK(group::check_changelogs(told));
    subtopology.source_topic_regex = {"a.*"};
    CHECK(group::check_supported(told).error().error == ErrorCode::invalid_request);
    subtopology.state_changelog_topics = {{"log", 0, 0, {}}, {"other", 3, 0, {}}};
    const auto refused = group::check_changelogs(told);
    CHECK(refused.error().error == ErrorCode::streams_invalid_topology);
    CHECK(refused.error().message ==
          "Changelog topic other must have an undefined partition count, but it is set to 3.");
}

TEST_CASE("a configured topology is described with the partitions of its internal topics") {
    const auto described = group::describe(configure(counting, cluster({{"lines", 3}})));
    CHECK(described.epoch == 3);
    REQUIRE(described.subtopologies);
    REQUIRE(described.subtopologies->size() == 2);
    CHECK(described.subtopologies->at(0).source_topics == std::vector<std::string>{"lines"});
    CHECK(described.subtopologies->at(0).repartition_sink_topics ==
          std::vector<std::string>{"words"});
    CHECK(described.subtopologies->at(1).repartition_source_topics.at(0).partitions == 3);
    CHECK(described.subtopologies->at(1).state_changelog_topics.at(0).name == "counts");
    CHECK(group::describe(configure(counting, cluster({}))).subtopologies->empty());
}
