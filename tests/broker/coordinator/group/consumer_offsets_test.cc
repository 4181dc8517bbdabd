// Offsets of consumer groups (KIP-848, KIP-1251): whose commits count, and when they expire.
#include <doctest/doctest.h>

#include "tests/broker/coordinator/group/consumer_conversation.h"

using tests::ConsumerConversation;
using tests::Owned;

namespace {

// a has the partition 0 since epoch 2 and is at 3, b has the partition 1 since 3.
void share_two_partitions(ConsumerConversation& group) {
    group.set_topic("t", 2);
    group.join("a");
    group.join("b");
    group.beat("a", 2);
    REQUIRE(group.beat("a", 2, Owned{{"t", {0}}}) == "a@3");
    REQUIRE(group.beat("b", 3) == "b@3 t[1]");
}

}  // namespace

TEST_CASE("a member commits with its epoch, or with one since which it has had the partition") {
    ConsumerConversation group;
    share_two_partitions(group);
    CHECK(group.commit("a", 3, 0, 10) == "NONE");
    CHECK(group.commit("a", 2, 0, 11) == "NONE");
    CHECK(group.commit("a", 1, 0, 12) == "STALE_MEMBER_EPOCH");
    CHECK(group.commit("a", 4, 0, 13) == "STALE_MEMBER_EPOCH");
    CHECK(group.commit("a", 2, 1, 14) == "STALE_MEMBER_EPOCH");
    CHECK(group.commit("b", 2, 1, 15) == "STALE_MEMBER_EPOCH");
    CHECK(group.commit("x", 3, 0, 16) == "UNKNOWN_MEMBER_ID");
    CHECK(group.commit("", -1, 0, 17) == "UNKNOWN_MEMBER_ID");
    CHECK(group.commit("a", 3, 0, 18, 8) == "UNSUPPORTED_VERSION");
    CHECK(group.fetch({}, -1, 0) == "11");
}

TEST_CASE("what a member has yet to revoke it may commit") {
    ConsumerConversation group;
    group.set_topic("t", 2);
    group.join("a");
    group.join("b");
    group.beat("a", 2);
    group.set_topic("t", 2);
    CHECK(group.commit("a", 2, 1, 5) == "NONE");
    CHECK(group.fetch("a", 2, 1) == "5");
}

TEST_CASE("anybody commits to a group that is empty") {
    ConsumerConversation group;
    share_two_partitions(group);
    group.leave("a");
    group.leave("b");
    CHECK(group.commit("", -1, 0, 7) == "NONE");
    CHECK(group.commit("a", 3, 0, 8) == "UNKNOWN_MEMBER_ID");
    CHECK(group.fetch({}, -1, 0) == "7");
    CHECK(group.describe() == "Empty 5/5");
}

TEST_CASE("who says who it is when it fetches has to be right") {
    ConsumerConversation group;
    share_two_partitions(group);
    CHECK(group.fetch({}, -1, 0) == "-1");
    CHECK(group.fetch("a", 3, 0) == "-1");
    CHECK(group.fetch("a", 2, 0) == "STALE_MEMBER_EPOCH");
    CHECK(group.fetch("x", 3, 0) == "UNKNOWN_MEMBER_ID");
    CHECK(group.fetch({}, 3, 0) == "UNKNOWN_MEMBER_ID");
}

TEST_CASE("a member that speaks the classic protocol hears of generations instead of epochs") {
    ConsumerConversation group;
    group.set_topic("t", 2);
    group.join("a");
    group.join_classically({.member_id = "c"});
    CHECK(group.commit("c", 2, 0, 1) == "ILLEGAL_GENERATION");
    CHECK(group.commit("c", 4, 0, 1) == "ILLEGAL_GENERATION");
    CHECK(group.commit("c", 3, 0, 1, 8) == "NONE");
    CHECK(group.fetch("c", 2, 0) == "ILLEGAL_GENERATION");
}

TEST_CASE("offsets expire that nobody asks for, and an empty group with its last one") {
    ConsumerConversation group({.offsets_retention_ms = 1'000,
                                .offsets_retention_check_interval_ms = 100,
                                .group_consumer_session_timeout_ms = 100'000});
    group.set_topic("t", 1);
    group.join("a");
    group.commit("a", 2, 0, 5);
    group.wait(5'000);
    CHECK(group.fetch({}, -1, 0) == "5");
    group.leave("a");
    group.wait(100);
    CHECK(group.fetch({}, -1, 0) == "-1");
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
    CHECK(group.described_after_restart() == "GROUP_ID_NOT_FOUND");
    CHECK(group.join("a") == "a@2 t[0]");
}

TEST_CASE("only an empty consumer group can be deleted, and only offsets that are not in use") {
    ConsumerConversation group;
    group.set_topic("t", 1);
    group.join("a");
    group.commit("a", 2, 0, 5);
    auto& coordinator = group.shell().coordinator();
    CHECK(coordinator.delete_group("g").error() == protocol::ErrorCode::non_empty_group);
    const std::vector<broker::coordinator::TopicPartition> partitions{{"t", 0}, {"u", 0}};
    const auto deleted = coordinator.delete_offsets("g", partitions);
    CHECK(deleted->errors ==
          std::vector{protocol::ErrorCode::group_subscribed_to_topic, protocol::ErrorCode::none});
    group.leave("a");
    group.shell().apply(*coordinator.delete_group("g"));
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
    CHECK(group.fetch({}, -1, 0) == "-1");
}
