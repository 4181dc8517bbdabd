// What ConsumerGroupHeartbeat refuses, and subscriptions by regular expression (KIP-848).
#include <doctest/doctest.h>

#include "tests/broker/coordinator/group/consumer_conversation.h"

using tests::Beat;
using tests::ConsumerConversation;
using tests::Owned;

namespace {

// A request to join that is as it should be.
Beat joining() {
    return {.member_id = "a",
            .topics = std::vector<std::string>{"t"},
            .owned = Owned{},
            .rebalance_timeout_ms = 10'000};
}

std::string join_with_regex(ConsumerConversation& group, const std::string& member_id,
                            const std::string& regex) {
    return group.say(
        {.member_id = member_id, .regex = regex, .owned = Owned{}, .rebalance_timeout_ms = 10'000});
}

}  // namespace

TEST_CASE("a heartbeat without what it needs is refused") {
    ConsumerConversation group;
    group.set_topic("t", 1);
    const auto refused = [&](auto spoil) {
        Beat beat = joining();
        spoil(beat);
        return group.say(beat);
    };
    CHECK(refused([](Beat& beat) { beat.member_id = ""; }) == "INVALID_REQUEST");
    CHECK(group.message() == "MemberId can't be empty.");
    CHECK(refused([](Beat& beat) { beat.member_id = " \t"; }) == "INVALID_REQUEST");
    CHECK(refused([](Beat& beat) { beat.group_id = ""; }) == "INVALID_REQUEST");
    CHECK(refused([](Beat& beat) { beat.instance_id = ""; }) == "INVALID_REQUEST");
    CHECK(refused([](Beat& beat) { beat.rebalance_timeout_ms = -1; }) == "INVALID_REQUEST");
    CHECK(refused([](Beat& beat) { beat.owned.reset(); }) == "INVALID_REQUEST");
    CHECK(refused([](Beat& beat) { beat.owned = Owned{{"t", {0}}}; }) == "INVALID_REQUEST");
    CHECK(refused([](Beat& beat) { beat.topics.reset(); }) == "INVALID_REQUEST");
    CHECK(refused([](Beat& beat) { beat.epoch = -2; }) == "INVALID_REQUEST");
    CHECK(refused([](Beat& beat) { beat.epoch = -3; }) == "INVALID_REQUEST");
    CHECK(refused([](Beat& beat) { beat.assignor = "none"; }) == "UNSUPPORTED_ASSIGNOR");
    CHECK(group.message() == "ServerAssignor none is not supported; there are: uniform, range.");
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
}

TEST_CASE("before version 1 the coordinator chooses the member id") {
    ConsumerConversation group;
    group.set_topic("t", 1);
    Beat beat = joining();
    beat.member_id = "";
    beat.version = 0;
    CHECK(group.say(beat) == "AAAAAAAAAAAAAAAAAAAAAQ@2 t[0]");
}

TEST_CASE("a regular expression is resolved after the heartbeat, and for all who have it") {
    ConsumerConversation group;
    group.set_topic("test-1", 1);
    group.set_topic("test-2", 1);
    group.set_topic("other", 1);
    CHECK(join_with_regex(group, "a", "test-.*") == "a@1 nothing");
    group.wait(1);
    CHECK(group.beat("a", 1) == "a@2 test-1[0] test-2[0]");
    CHECK(join_with_regex(group, "b", "test-.*") == "b@3 nothing");
    CHECK(group.targets() == "a test-1[0] b test-2[0]");
    CHECK(group.described_after_restart() == group.describe());
}

TEST_CASE("topics that come later are found when the last look is ten seconds old") {
    ConsumerConversation group;
    group.set_topic("test-1", 1);
    join_with_regex(group, "a", "test-.*");
    group.wait(1);
    group.beat("a", 1);
    group.set_topic("test-2", 1);
    group.wait(10'000);
    CHECK(group.beat("a", 2) == "a@2");
    group.wait(1);
    group.beat("a", 2);
    group.wait(1);
    CHECK(group.beat("a", 2) == "a@3 test-1[0] test-2[0]");
}

TEST_CASE("topics of a regular expression that are deleted go at once") {
    ConsumerConversation group;
    group.set_topic("test-1", 1);
    group.set_topic("test-2", 1);
    join_with_regex(group, "a", "test-.*");
    group.wait(1);
    group.beat("a", 1);
    group.shell().cluster().delete_topic("test-1");
    CHECK(group.beat("a", 2) == "a@2 test-2[0]");
}

TEST_CASE("a member goes from a regular expression to names, and has both if it likes") {
    ConsumerConversation group;
    group.set_topic("test-1", 1);
    group.set_topic("other", 1);
    join_with_regex(group, "a", "test-.*");
    group.wait(1);
    group.beat("a", 1);
    CHECK(group.say({.member_id = "a", .epoch = 2, .topics = std::vector<std::string>{"other"}}) ==
          "a@3 test-1[0] other[0]");
    CHECK(group.say({.member_id = "a", .epoch = 3, .regex = ""}) == "a@3 other[0]");
    CHECK(group.beat("a", 3, Owned{{"other", {0}}}) == "a@4");
    CHECK(group.shell().reloaded().describe_consumer_group("g").members.size() == 1);
}

TEST_CASE("an expression that is none is refused, and none of the request is done") {
    ConsumerConversation group;
    CHECK(join_with_regex(group, "a", "(") == "INVALID_REGULAR_EXPRESSION");
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
}

TEST_CASE("not all regular expressions of a group are resolved in one step") {
    ConsumerConversation group;
    group.set_topic("one", 1);
    group.set_topic("two", 1);
    join_with_regex(group, "a", "o.*");
    join_with_regex(group, "b", "t.*");
    const size_t joined = group.shell().log().size();
    group.wait(1);
    CHECK(group.shell().log().size() == joined);
    group.wait(1);
    CHECK(group.beat("a", 1) == "a@2 one[0]");
    CHECK(group.beat("b", 1) == "b@2 two[0]");
    CHECK(group.described_after_restart() == group.describe());
}

TEST_CASE("not all topics are looked at in one step where that takes long") {
    ConsumerConversation group;
    const std::string long_name(240, 't');
    for (const char* end : {"1", "2", "3", "4", "5"}) group.set_topic(long_name + end, 1);
    join_with_regex(group, "a", "t+.|t{900}");
    const size_t joined = group.shell().log().size();
    group.wait(1);
    CHECK(group.shell().log().size() == joined);
    group.wait(1);
    CHECK(group.beat("a", 1).starts_with("a@2 "));
    CHECK(group.shell()
              .coordinator()
              .describe_consumer_group("g")
              .members.at(0)
              .assignment.topic_partitions.size() == 5);
}

TEST_CASE("a member that comes while expressions are resolved has its own resolved, too") {
    ConsumerConversation group;
    group.set_topic("one", 1);
    group.set_topic("two", 1);
    join_with_regex(group, "a", "o.*");
    join_with_regex(group, "b", "x.*");
    group.wait(1);
    join_with_regex(group, "c", "t.*");
    group.wait(2);
    CHECK(group.beat("c", 1) == "c@2 two[0]");
}

TEST_CASE("a group has no more regular expressions than it may have") {
    ConsumerConversation group;
    const auto regex = [](int number) { return "topic-" + std::to_string(number); };
    for (int i = 0; i < 100; ++i) join_with_regex(group, regex(i), regex(i));
    CHECK(join_with_regex(group, "b", regex(100)) == "INVALID_REGULAR_EXPRESSION");
    CHECK(group.message() ==
          "The group has as many different regular expressions as it may have: 100.");
    CHECK(join_with_regex(group, "b", regex(99)).starts_with("b@"));
}
