// Streams groups (KIP-1071): members, topologies and their topics, assignments, what is told of it.
#include <doctest/doctest.h>

#include "broker/coordinator/group/streams/streams_records.h"
#include "tests/broker/coordinator/group/streams_conversation.h"

using tests::OwnedPartitions;
using tests::StreamsConversation;
using tests::TestTopology;
namespace group = broker::coordinator::group;

namespace {

// Reads t, and keeps a store whose changelog is "c".
TestTopology stateful() { return {.subtopologies = {{.changelogs = {"c"}}}}; }

// Two members that have two tasks each.
StreamsConversation with_two_members() {
    StreamsConversation group(4);
    group.join("a");
    group.join("b");
    group.beat("a", 2);
    group.beat("a", 2, OwnedPartitions{{"0", {0, 1}}});
    group.beat("b", 3);
    return group;
}

}  // namespace

TEST_CASE("the first member of a streams group gets all tasks") {
    StreamsConversation group(3);
    CHECK(group.join("a") == "a@2 0[0 1 2]");
    CHECK(group.describe() == "Stable 2/2 a@2 0[0 1 2]");
    CHECK(group.beat("a", 2) == "a@2");
    CHECK(group.answer().response.heartbeat_interval_ms == 5'000);
    CHECK(group.answer().response.task_offset_interval_ms == 60'000);
    CHECK(group.answer().response.acceptable_recovery_lag == 10'000);
}

TEST_CASE("a second member gets tasks when the first has let go of them") {
    StreamsConversation group(4);
    group.join("a");
    CHECK(group.join("b") == "b@3 nothing");
    CHECK(group.describe() == "Reconciling 3/3 a@2 0[0 1 2 3] b@3 nothing");
    CHECK(group.beat("a", 2) == "a@2 0[0 1]");
    CHECK(group.beat("b", 3) == "b@3");
    CHECK(group.beat("a", 2, OwnedPartitions{{"0", {0, 1}}}) == "a@3");
    CHECK(group.beat("b", 3) == "b@3 0[2 3]");
    CHECK(group.describe() == "Stable 3/3 a@3 0[0 1] b@3 0[2 3]");
}

TEST_CASE("the tasks of a member that leaves go to the others") {
    auto group = with_two_members();
    CHECK(group.leave("b") == "b@-1");
    CHECK(group.beat("a", 3) == "a@4 0[0 1 2 3]");
    CHECK(group.leave("a") == "a@-1");
    CHECK(group.describe() == "Empty 5/5");
}

TEST_CASE("a streams member that is not heard of is gone after its session") {
    auto group = with_two_members();
    group.wait(40'000);
    group.beat("a", 3);
    group.wait(5'000);
    CHECK(group.beat("b", 3) == "UNKNOWN_MEMBER_ID");
    CHECK(group.beat("a", 3) == "a@4 0[0 1 2 3]");
}

TEST_CASE("a streams member that does not let go of its tasks is gone after its timeout") {
    StreamsConversation group(4);
    group.join("a");
    group.join("b");
    group.beat("a", 2);
    group.wait(9'999);
    CHECK(group.beat("a", 2) == "a@2");
    group.wait(1);
    CHECK(group.beat("a", 2) == "UNKNOWN_MEMBER_ID");
    CHECK(group.beat("b", 3) == "b@4 0[0 1 2 3]");
}

TEST_CASE("a static member of a streams group gets its tasks back") {
    StreamsConversation group(2);
    CHECK(group.join_statically("a", "i") == "a@2 0[0 1]");
    CHECK(group.join_statically("b", "i") == "UNRELEASED_INSTANCE_ID");
    CHECK(group.leave("a", -2, "i") == "a@-2");
    CHECK(group.describe() == "Reconciling 2/2 a@-2 0[0 1]");
    CHECK(group.join_statically("b", "i") == "b@2 0[0 1]");
    CHECK(group.describe() == "Stable 2/2 b@2 0[0 1]");
    CHECK(group.described_after_restart() == "Stable 2/2 b@2 0[0 1]");
    CHECK(group.say({.member_id = "a", .epoch = 2, .instance_id = "i"}) == "FENCED_INSTANCE_ID");
    CHECK(group.leave("b", -1, "i") == "b@-1");
    CHECK(group.say({.member_id = "b", .epoch = 2, .instance_id = "i"}) == "UNKNOWN_MEMBER_ID");
}

TEST_CASE("a streams member's epoch is the last one, or the one before whose answer was lost") {
    auto group = with_two_members();
    CHECK(group.beat("b", 4) == "FENCED_MEMBER_EPOCH");
    CHECK(group.beat("a", 2) == "FENCED_MEMBER_EPOCH");  // it does not say what it has
    CHECK(group.beat("a", 2, OwnedPartitions{{"0", {0}}}) == "a@3 0[0 1]");
    CHECK(group.beat("a", 2, OwnedPartitions{{"0", {2}}}) == "FENCED_MEMBER_EPOCH");
    CHECK(group.beat("c", 1) == "UNKNOWN_MEMBER_ID");
    CHECK(group.say({.member_id = "a", .epoch = 1, .group_id = "other"}) == "GROUP_ID_NOT_FOUND");
}

TEST_CASE("heartbeats of streams groups that cannot be are refused") {
    StreamsConversation group(2);
    const auto topology = TestTopology{};
    CHECK(group.say({.member_id = "", .topology = topology, .rebalance_timeout_ms = 1}) ==
          "INVALID_REQUEST");
    CHECK(group.say({.member_id = "a", .topology = topology}) == "INVALID_REQUEST");
    CHECK(group.say({.member_id = "a", .rebalance_timeout_ms = 1}) == "INVALID_REQUEST");
    CHECK(group.say({.member_id = "a", .epoch = -3}) == "INVALID_REQUEST");
    CHECK(group.say({.member_id = "a", .epoch = -2}) == "INVALID_REQUEST");
    CHECK(group.say({.member_id = "a",
                     .topology = topology,
                     .active = OwnedPartitions{{"0", {0}}},
                     .rebalance_timeout_ms = 1}) == "INVALID_REQUEST");
    group.join("a");
    CHECK(group.say({.member_id = "a", .epoch = 2, .topology = topology}) == "INVALID_REQUEST");
    CHECK(group.beat("a", 2, OwnedPartitions{{"0", {2}}}) == "INVALID_REQUEST");
    CHECK(group.beat("a", 2, OwnedPartitions{{"9", {0}}}) == "INVALID_REQUEST");
    CHECK(group.describe() == "Stable 2/2 a@2 0[0 1]");
}

TEST_CASE("a full streams group takes nobody in, but those who are there already") {
    StreamsConversation group(2, {.group_streams_max_size = 1});
    CHECK(group.join("a") == "a@2 0[0 1]");
    CHECK(group.join("b") == "GROUP_MAX_SIZE_REACHED");
    CHECK(group.join("a") == "a@2 0[0 1]");
}

TEST_CASE("without its source topics a streams group is not ready") {
    StreamsConversation group(2);
    const TestTopology other{.subtopologies = {{.sources = {"u"}}}};
    CHECK(group.join("a", other) == "a@2 nothing !missing_source_topics");
    CHECK(group.describe() == "NotReady 2/2 a@2 nothing");
    CHECK(group.beat("a", 2) == "a@2 !missing_source_topics");
    group.set_topic("u", 1);
    CHECK(group.beat("a", 2) == "a@3 0[0]");
    CHECK(group.describe() == "Stable 3/3 a@3 0[0]");
}

TEST_CASE("internal topics are asked for until they are there") {
    StreamsConversation group(2);
    CHECK(group.join("a", stateful()) == "a@2 nothing !missing_internal_topics");
    CHECK(group.answer().topics_to_create == group::InternalTopics{{"c", {.partition_count = 2}}});
    CHECK(group.beat("a", 2) == "a@2 !missing_internal_topics");
    group.create_topics();
    CHECK(group.beat("a", 2) == "a@3 0[0 1]");
    CHECK(group.answer().topics_to_create.empty());
}

TEST_CASE("members are told for a while why internal topics could not be created") {
    StreamsConversation group(2);
    group.join("a", stateful());
    const int64_t until_ms = group.answer().creation_errors_until_ms;
    CHECK(until_ms == group.shell().now_ms() + 10'000);
    group.shell().coordinator().internal_topics_not_created("g", {{"c", "no"}}, until_ms);
    group.beat("a", 2);
    CHECK(group.answer().response.status->at(0).status_detail.ends_with(
        "; Creation failed: c (no)."));
    CHECK(group.answer().topics_to_create.empty());
    group.wait(10'000);
    group.beat("a", 2);
    CHECK_FALSE(group.answer().topics_to_create.empty());
    CHECK_FALSE(group.answer().response.status->at(0).status_detail.contains("failed"));
}

TEST_CASE("more partitions of a source topic are more tasks") {
    StreamsConversation group(2);
    group.join("a");
    group.set_topic("t", 3);
    CHECK(group.beat("a", 2) == "a@3 0[0 1 2]");
    group.set_topic("elsewhere", 3);
    CHECK(group.beat("a", 3) == "a@3");
}

TEST_CASE("an internal topic of another width stops a streams group") {
    StreamsConversation group(2);
    group.set_topic("c", 3);
    CHECK(group.join("a", stateful()) == "a@2 nothing !incorrectly_partitioned_topics");
}

TEST_CASE("a member with an older topology is told so, one with another is refused") {
    StreamsConversation group(2);
    group.join("a", {.epoch = 1, .subtopologies = {{}}});
    CHECK(group.join("b", {.epoch = 0, .subtopologies = {{.id = "x"}}}) ==
          "b@3 nothing !stale_topology");
    CHECK(group.join("c", {.epoch = 1, .subtopologies = {{.id = "x"}}}) == "INVALID_REQUEST");
    CHECK(group.join("c", {.epoch = 2, .subtopologies = {{}}}) == "INVALID_REQUEST");
    CHECK(group.join("d", {.epoch = 1, .subtopologies = {{}}}) == "d@4 nothing");
}

TEST_CASE("the first assignment waits for members as long as is configured") {
    StreamsConversation group(2, {.group_streams_initial_rebalance_delay_ms = 3'000});
    CHECK(group.join("a") == "a@1 nothing !assignment_delayed");
    CHECK(group.join("b") == "b@1 nothing !assignment_delayed");
    CHECK(group.describe() == "Assigning 3/1 a@1 nothing b@1 nothing");
    group.wait(3'000);
    CHECK(group.describe() == "Reconciling 3/3 a@1 nothing b@1 nothing");
    CHECK(group.beat("a", 1) == "a@3 0[0]");
    CHECK(group.beat("b", 1) == "b@3 0[1]");
}

TEST_CASE("assignments are no closer to each other than is configured") {
    StreamsConversation group(2, {.group_streams_assignment_interval_ms = 1'000});
    CHECK(group.join("a") == "a@2 0[0 1]");
    CHECK(group.join("b") == "b@2 nothing !assignment_delayed");
    group.wait(1'000);
    CHECK(group.beat("b", 2) == "b@3");
    CHECK(group.targets() == "a 0[0] b 0[1]");
}

TEST_CASE("standby tasks go to other processes, as many as the group wants") {
    StreamsConversation group(2);
    group.set_topic("c", 2);
    group.join("a", stateful());
    group.join("b", stateful());
    CHECK(group.targets() == "a 0[0] b 0[1]");
    group.shell().cluster().set_group_setting("g", "streams.num.standby.replicas", 1);
    group.beat("a", 2);
    CHECK(group.targets() == "a 0[0] standby 0[1] b 0[1] standby 0[0]");
}

TEST_CASE("a group's own settings come before the broker's") {
    StreamsConversation group(2);
    auto& cluster = group.shell().cluster();
    cluster.set_group_setting("g", "streams.heartbeat.interval.ms", 7);
    cluster.set_group_setting("g", "streams.task.offset.interval.ms", 8);
    cluster.set_group_text("g", "streams.acceptable.recovery.lag", "9");
    cluster.set_group_setting("g", "streams.session.timeout.ms", 100);
    group.join("a");
    CHECK(group.answer().response.heartbeat_interval_ms == 7);
    CHECK(group.answer().response.task_offset_interval_ms == 8);
    CHECK(group.answer().response.acceptable_recovery_lag == 9);
    group.wait(100);
    CHECK(group.describe() == "Empty 3/3");
}

TEST_CASE("a member without the tags that standbys are spread over is told so") {
    StreamsConversation group(2, {.group_streams_rack_aware_assignment_tags = "zone, cluster"});
    CHECK(group.join("a") == "a@2 0[0 1] !missing_client_tags");
    CHECK(group.say({.member_id = "a", .epoch = 2, .tags = {{"zone", "z"}, {"cluster", "c"}}}) ==
          "a@3");
    CHECK(group.say({.member_id = "a", .epoch = 3, .tags = {{"zone", "z"}}}) ==
          "a@4 !missing_client_tags");
    CHECK(group.say({.member_id = "a", .epoch = 4, .version = 0}) == "a@4");
}

TEST_CASE("a shutdown of the application is told to all members until they are gone") {
    auto group = with_two_members();
    CHECK(group.say({.member_id = "a", .epoch = 3, .shutdown = true}) ==
          "a@3 !shutdown_application");
    CHECK(group.beat("b", 3) == "b@3 !shutdown_application");
    group.leave("a");
    group.leave("b");
    CHECK(group.join("c") == "c@6 0[0 1 2 3]");
}

TEST_CASE("members learn where the others are when that has changed") {
    StreamsConversation group(2);
    group.join("a");
    group.say({.member_id = "a", .epoch = 2, .port = 1234});
    const auto& response = group.answer().response;
    CHECK(response.endpoint_information_epoch == 1);
    REQUIRE(response.partitions_by_user_endpoint);
    REQUIRE(response.partitions_by_user_endpoint->size() == 1);
    const auto& endpoint = response.partitions_by_user_endpoint->at(0);
    CHECK(endpoint.user_endpoint.port == 1234);
    REQUIRE(endpoint.active_partitions.size() == 1);
    CHECK(endpoint.active_partitions[0].topic == "t");
    CHECK(endpoint.active_partitions[0].partitions == std::vector{0, 1});
    group.say({.member_id = "a", .epoch = 3, .endpoint_epoch = 1});
    CHECK_FALSE(group.answer().response.partitions_by_user_endpoint);
}

TEST_CASE("what members say of their progress is described, and said of each task once") {
    StreamsConversation group(2);
    group.join("a");
    group.say({.member_id = "a", .epoch = 2, .offsets = std::map<int32_t, int64_t>{{1, 17}}});
    const auto described = group.shell().coordinator().describe_streams_group("g");
    REQUIRE(described.members.at(0).task_offsets.size() == 1);
    CHECK(described.members[0].task_offsets[0].offset == 17);
    CHECK(described.members[0].process_id == "a");
    CHECK(described.assignor_name == "sticky");
    REQUIRE(described.topology);
    CHECK(described.topology->subtopologies->at(0).source_topics == std::vector<std::string>{"t"});
}

TEST_CASE("of a member's progress no more is kept than a member can have tasks") {
    StreamsConversation group(2);
    group.join("a");
    std::map<int32_t, int64_t> offsets;
    for (int32_t partition = 0; partition < 10'000; ++partition) offsets[partition] = 1;
    const auto kept = [&] {
        group.say({.member_id = "a", .epoch = 2, .offsets = offsets});
        const auto described = group.shell().coordinator().describe_streams_group("g");
        return described.members.at(0).task_offsets.size();
    };
    CHECK(kept() == 10'000);
    offsets[10'000] = 1;
    CHECK(kept() == 0);
}

TEST_CASE("a streams group is one to all that read the log") {
    auto group = with_two_members();
    CHECK(group.described_after_restart() == "Stable 3/3 a@3 0[0 1] b@3 0[2 3]");
    group.shell().restart();
    CHECK(group.beat("a", 3) == "a@3");
    group.wait(45'000);
    CHECK(group.describe() == "Empty 5/5");
    CHECK(group.described_after_restart() == "Empty 5/5");
}

TEST_CASE("a member that was letting go of tasks when the coordinator stopped has its time again") {
    StreamsConversation group(4);
    group.join("a");
    group.join("b");
    group.beat("a", 2);
    group.shell().restart();
    group.wait(9'999);
    CHECK(group.beat("a", 2) == "a@2");
    group.wait(1);
    CHECK(group.beat("a", 2) == "UNKNOWN_MEMBER_ID");
}

TEST_CASE("a heartbeat of a streams group whose records could not be appended has not happened") {
    StreamsConversation group(2);
    group.shell().fail_next_append(protocol::ErrorCode::not_enough_replicas);
    CHECK(group.join("a") == "COORDINATOR_NOT_AVAILABLE");
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
    CHECK(group.join("a") == "a@2 0[0 1]");
    group.set_topic("t", 3);
    group.shell().fail_next_append(protocol::ErrorCode::not_enough_replicas);
    CHECK(group.beat("a", 2) == "COORDINATOR_NOT_AVAILABLE");
    CHECK(group.describe() == "Stable 2/2 a@2 0[0 1]");
    CHECK(group.beat("a", 2) == "a@3 0[0 1 2]");
}

TEST_CASE("a streams member commits with its epoch, or an older one for what it has had since") {
    auto group = with_two_members();
    CHECK(group.commit("a", 3, 0, 10) == "NONE");
    CHECK(group.commit("a", 2, 0, 11) == "NONE");  // it has had that task since epoch 2
    CHECK(group.commit("a", 2, 2, 11) == "STALE_MEMBER_EPOCH");
    CHECK(group.commit("b", 2, 2, 11) == "STALE_MEMBER_EPOCH");
    CHECK(group.commit("a", 4, 0, 11) == "STALE_MEMBER_EPOCH");
    CHECK(group.commit("a", 3, 0, 11, 8) == "UNSUPPORTED_VERSION");
    CHECK(group.commit("x", 3, 0, 11) == "UNKNOWN_MEMBER_ID");
    CHECK(group.fetch("a", 3, 0) == "11");
    CHECK(group.fetch("a", 2, 0) == "STALE_MEMBER_EPOCH");
    CHECK(group.fetch("x", 2, 0) == "UNKNOWN_MEMBER_ID");
    CHECK(group.fetch({}, -1, 0) == "11");
}

TEST_CASE("a streams group is none to members of other groups") {
    auto group = with_two_members();
    auto& shell = group.shell();
    const auto error_of = [&](group::Effects effects) {
        shell.apply(std::move(effects));
        return shell.take_replies().at(0).response;
    };
    const auto joined =
        error_of(shell.coordinator().join_group({.group_id = "g",
                                                 .session_timeout_ms = 10'000,
                                                 .protocol_type = "consumer",
                                                 .protocols = {{"range", {}}}},
                                                shell.caller(77, 9), shell.make_uuid()));
    CHECK(std::get<protocol::JoinGroupResponse>(joined).error_code ==
          protocol::ErrorCode::inconsistent_group_protocol);
    const auto consumer = error_of(shell.coordinator().consumer_group_heartbeat(
        {.group_id = "g",
         .member_id = "m",
         .rebalance_timeout_ms = 1,
         .subscribed_topic_names = std::vector<std::string_view>{"t"},
         .topic_partitions =
             std::vector<protocol::ConsumerGroupHeartbeatRequest::TopicPartitions>{}},
        shell.caller(78, 1), shell.make_uuid()));
    CHECK(std::get<protocol::ConsumerGroupHeartbeatResponse>(consumer).error_code ==
          protocol::ErrorCode::group_id_not_found);
    CHECK(shell.coordinator().describe("g", 6).error_code ==
          protocol::ErrorCode::group_id_not_found);
}

TEST_CASE("an empty streams group is deleted, one with members is not") {
    auto group = with_two_members();
    const std::vector<broker::coordinator::TopicPartition> partitions{{"t", 0}, {"u", 0}};
    const auto offsets = group.shell().coordinator().delete_offsets("g", partitions);
    REQUIRE(offsets);
    CHECK(offsets->errors ==
          std::vector{protocol::ErrorCode::group_subscribed_to_topic, protocol::ErrorCode::none});
    CHECK(group.shell().coordinator().delete_group("g").error() ==
          protocol::ErrorCode::non_empty_group);
    const std::vector<std::string_view> types{"Streams"};
    REQUIRE(group.shell().coordinator().list({}, types).size() == 1);
    CHECK(group.shell().coordinator().list({}, types)[0].group_state == "Stable");
    CHECK(group.shell().coordinator().list({}, types)[0].protocol_type == "streams");
    group.leave("a");
    group.leave("b");
    auto effects = group.shell().coordinator().delete_group("g");
    REQUIRE(effects);
    group.shell().apply(std::move(*effects));
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
    CHECK(group.described_after_restart() == "GROUP_ID_NOT_FOUND");
}

TEST_CASE(
    "an empty streams group becomes a classic one, and an empty classic one a streams group") {
    StreamsConversation group(2);
    group.join("a");
    group.leave("a");
    auto& shell = group.shell();
    const protocol::JoinGroupRequest join{.group_id = "g",
                                          .session_timeout_ms = 10'000,
                                          .rebalance_timeout_ms = 10'000,
                                          .protocol_type = "consumer",
                                          .protocols = {{"range", {}}}};
    shell.apply(shell.coordinator().join_group(join, shell.caller(77, 3), shell.make_uuid()));
    CHECK(shell.take_replies().size() == 1);
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
    CHECK(group.described_after_restart() == "GROUP_ID_NOT_FOUND");
    CHECK(group.join("a") == "GROUP_ID_NOT_FOUND");
    shell.wait(10'000);
    shell.take_replies();
    CHECK(group.join("a") == "a@2 0[0 1]");
    CHECK(group.described_after_restart() == "Stable 2/2 a@2 0[0 1]");
}

TEST_CASE("offsets of a streams group expire only where no subtopology reads them") {
    StreamsConversation group(2, {.offsets_retention_ms = 1'000,
                                  .offsets_retention_check_interval_ms = 500,
                                  .group_streams_session_timeout_ms = 1'000'000});
    group.join("a");
    CHECK(group.commit("a", 2, 0, 10) == "NONE");
    group.wait(2'000);
    CHECK(group.fetch({}, -1, 0) == "10");
    group.leave("a");
    group.wait(500);
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
}

TEST_CASE("a member that has missed what it was given is told again when it says what it has") {
    auto group = with_two_members();
    CHECK(group.beat("b", 3) == "b@3");
    CHECK(group.beat("b", 3, OwnedPartitions{}) == "b@3 0[2 3]");
    CHECK(group.beat("b", 3, OwnedPartitions{{"0", {2, 3}}}) == "b@3");
}

TEST_CASE("a streams member's state is stored as Kafka numbers it, not as a consumer's") {
    const std::pair<group::MemberState, int8_t> numbers[] = {
        {group::MemberState::stable, int8_t{1}},
        {group::MemberState::unrevoked_partitions, int8_t{2}},
        {group::MemberState::unreleased_partitions, int8_t{3}}};
    for (const auto& [state, number] : numbers) {
        CHECK(group::stored_state(state) == number);
        const group::StreamsMember member{.member_id = "a", .member_epoch = 3, .state = state};
        const auto record = group::streams_current_assignment_record("g", member);
        group::StreamsGroups groups;
        REQUIRE(group::replay_streams_record(record.key, record.value, groups));
        CHECK(groups.at("g").find_member("a")->state == state);
    }
}
