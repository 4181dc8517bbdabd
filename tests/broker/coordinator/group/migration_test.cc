// Groups with members change between the classic protocol and that of consumer groups (KIP-848).
#include <doctest/doctest.h>

#include "tests/broker/coordinator/group/consumer_conversation.h"

using tests::ConsumerConversation;
using tests::Owned;
namespace group = broker::coordinator::group;

namespace {

// The member id that a JoinGroup without one is given: what "a#2 range" begins with.
std::string id_of(const std::string& joined) { return joined.substr(0, joined.find('#')); }

// A stable classic group of one static member, which has both partitions; gives its member id.
std::string begin_classically(ConsumerConversation& group) {
    group.set_topic("t", 2);
    const auto joined = group.join_classically({.instance_id = "one"});
    const auto id = id_of(joined);
    REQUIRE(joined == id + "#1 range");
    REQUIRE(group.sync(id, 1, {{id, {{"t", {0, 1}}}}}) == "t[0 1]");
    return id;
}

}  // namespace

TEST_CASE("a classic group becomes a consumer group with the first member that asks for it") {
    ConsumerConversation group;
    const auto classic = begin_classically(group);
    CHECK(group.join("b") == "b@2 nothing");
    CHECK(group.describe() == "Reconciling 2/2 b@2 nothing " + classic + "@1 t[0 1]");
    CHECK(group.described_after_restart() == group.describe());
    // The classic member learns of it by a rebalance of its own.
    CHECK(group.heartbeat(classic, 1) == "REBALANCE_IN_PROGRESS");
    const auto rejoined = group.join_classically(
        {.member_id = classic, .owned = {{"t", {0, 1}}}, .instance_id = "one"});
    CHECK(rejoined == classic + "#1 range");
    const auto kept = group.sync(classic, 1);
    CHECK((kept == "t[0]" || kept == "t[1]"));
    CHECK(group.heartbeat(classic, 1) == "REBALANCE_IN_PROGRESS");
    const Owned owned{{"t", {kept == "t[0]" ? 0 : 1}}};
    CHECK(group.join_classically({.member_id = classic, .owned = owned, .instance_id = "one"}) ==
          classic + "#2 range");
    CHECK(group.sync(classic, 2) == kept);
    CHECK(group.heartbeat(classic, 2) == "NONE");
    CHECK(group.beat("b", 2) == (kept == "t[0]" ? "b@2 t[1]" : "b@2 t[0]"));
}

TEST_CASE("who waits for a classic group that becomes a consumer group is told to join again") {
    ConsumerConversation group({.group_initial_rebalance_delay_ms = 3'000});
    group.set_topic("t", 1);
    CHECK(group.join_classically({.instance_id = "one"}) == "waits");
    CHECK(group.join("b").starts_with("b@"));
    const auto replies = group.shell().take_replies();
    CHECK(group.describe().starts_with("Reconciling"));
}

TEST_CASE("a consumer group becomes a classic one when its last consumer member leaves") {
    ConsumerConversation group;
    const auto classic = begin_classically(group);
    group.join("b");
    const auto before = group.describe();
    CHECK(group.leave("b") == "b@-1");
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
    CHECK(group.described_after_restart() == "GROUP_ID_NOT_FOUND");
    const auto described = group.shell().coordinator().describe("g", 5);
    CHECK(described.group_state == "PreparingRebalance");
    CHECK(group.heartbeat(classic, 2) == "REBALANCE_IN_PROGRESS");
    CHECK(group.join_classically({.member_id = classic, .instance_id = "one"}) ==
          classic + "#3 range");
    CHECK(group.sync(classic, 3, {{classic, {{"t", {0, 1}}}}}) == "t[0 1]");
}

TEST_CASE("a session that ends may leave classic members alone, too") {
    ConsumerConversation group({.group_consumer_session_timeout_ms = 1'000});
    begin_classically(group);
    group.join("b");
    group.wait(1'000);
    CHECK(group.shell().coordinator().describe("g", 5).group_state == "PreparingRebalance");
}

TEST_CASE("a classic successor of the last static consumer member makes the group classic") {
    ConsumerConversation group;
    group.set_topic("t", 2);
    CHECK(group.join_statically("x", "one") == "x@2 t[0 1]");
    const auto joined = group.join_classically({.owned = {{"t", {0, 1}}}, .instance_id = "one"});
    const auto id = id_of(joined);
    CHECK(joined == id + "#2 range");
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
    CHECK(group.shell().coordinator().describe("g", 5).group_state == "Stable");
    CHECK(group.sync(id, 2) == "t[0 1]");
    CHECK(group.heartbeat(id, 2) == "NONE");
    CHECK(group.shell().reloaded().describe("g", 5).members.size() == 1);
}

TEST_CASE("classic members join consumer groups, which assign for them") {
    ConsumerConversation group;
    group.set_topic("t", 2);
    group.join("a");
    const auto named = group.join_classically({});
    CHECK(named == "MEMBER_ID_REQUIRED");
    CHECK(group.join_classically({.member_id = "b"}) == "b#3 range");
    CHECK(group.sync("b", 3) == "nothing");
    CHECK(group.heartbeat("b", 3) == "NONE");
    CHECK(group.beat("a", 2) == "a@2 t[0]");
    group.beat("a", 2, Owned{{"t", {0}}});
    CHECK(group.heartbeat("b", 3) == "REBALANCE_IN_PROGRESS");
    CHECK(group.join_classically({.member_id = "b"}) == "b#3 range");
    CHECK(group.sync("b", 3) == "t[1]");
    CHECK(group.heartbeat("b", 2) == "ILLEGAL_GENERATION");
    CHECK(group.sync("b", 2) == "ILLEGAL_GENERATION");
    CHECK(group.heartbeat("a", 3) == "UNKNOWN_MEMBER_ID");  // it speaks the other protocol
    CHECK(group.leave_classically("b") == "NONE");
    CHECK(group.leave_classically("b") == "UNKNOWN_MEMBER_ID");
    CHECK(group.beat("a", 3) == "a@4 t[0 1]");
}

TEST_CASE("classic members of a consumer group that do not join again, or sync, are gone") {
    ConsumerConversation group;
    group.set_topic("t", 2);
    group.join("a");
    group.join_classically({.member_id = "b"});
    group.wait(10'000);
    CHECK(group.sync("b", 3) == "UNKNOWN_MEMBER_ID");

    group.join_classically({.member_id = "c"});
    CHECK(group.sync("c", 5) == "nothing");
    group.set_topic("t", 4);
    CHECK(group.beat("a", 2) == "a@2 t[0]");
    CHECK(group.beat("a", 2, Owned{{"t", {0}}}) == "a@6 t[0 2]");
    group.wait(5'000);
    CHECK(group.heartbeat("c", 5) == "REBALANCE_IN_PROGRESS");
    group.wait(5'000);
    CHECK(group.heartbeat("c", 5) == "REBALANCE_IN_PROGRESS");
    group.wait(5'000);
    CHECK(group.heartbeat("c", 5) == "UNKNOWN_MEMBER_ID");
}

TEST_CASE("classic members of a consumer group need a protocol in common") {
    ConsumerConversation group;
    group.set_topic("t", 2);
    group.join("a");
    group.join_classically({.member_id = "b", .protocol = "range"});
    CHECK(group.join_classically({.member_id = "c", .protocol = "sticky"}) ==
          "INCONSISTENT_GROUP_PROTOCOL");
}

TEST_CASE("the migration policy forbids what it forbids") {
    ConsumerConversation only_down(
        {.group_consumer_migration_policy = {.may_upgrade = false, .may_downgrade = true}});
    begin_classically(only_down);
    CHECK(only_down.join("b") == "GROUP_ID_NOT_FOUND");

    ConsumerConversation only_up(
        {.group_consumer_migration_policy = {.may_upgrade = true, .may_downgrade = false}});
    begin_classically(only_up);
    only_up.join("b");
    CHECK(only_up.leave("b") == "b@-1");
    CHECK(only_up.describe().starts_with("Assigning"));

    ConsumerConversation neither(
        {.group_consumer_migration_policy = {.may_upgrade = false, .may_downgrade = false}});
    neither.set_topic("t", 1);
    neither.join("a");
    CHECK(neither.join_classically({.member_id = "b"}) == "INCONSISTENT_GROUP_PROTOCOL");
}

TEST_CASE("members of whom all speak the classic protocol take over what another one has left") {
    ConsumerConversation group(
        {.group_consumer_migration_policy = {.may_upgrade = true, .may_downgrade = false}});
    group.set_topic("t", 2);
    group.join("a");
    group.join_classically({.member_id = "b"});
    CHECK(group.sync("b", 3) == "nothing");
    CHECK(group.leave("a") == "a@-1");
    CHECK(group.describe() == "Assigning 4/3 b@3 nothing");
    CHECK(group.heartbeat("b", 3) == "REBALANCE_IN_PROGRESS");
    CHECK(group.join_classically({.member_id = "b"}) == "b#4 range");
    CHECK(group.sync("b", 4) == "t[0 1]");
    CHECK(group.heartbeat("b", 4) == "NONE");
}

TEST_CASE("who waits for partitions is not forgotten when the group becomes a classic one again") {
    ConsumerConversation group;
    group.set_topic("t", 2);
    group.join_statically("a", "one");
    group.join_classically({.member_id = "b"});
    CHECK(group.sync("b", 3) == "nothing");
    CHECK(group.heartbeat("b", 3) == "NONE");
    group.join_classically({.instance_id = "one"});
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
    CHECK(group.heartbeat("b", 3) == "REBALANCE_IN_PROGRESS");
    group.shell().restart();
    CHECK(group.heartbeat("b", 3) == "REBALANCE_IN_PROGRESS");
}

TEST_CASE("what the leader of a classic group has not seen yet is assigned with the upgrade") {
    ConsumerConversation group;
    const auto classic = begin_classically(group);
    group.set_topic("t", 3);
    CHECK(group.say({.member_id = "b",
                     .regex = "another",
                     .owned = Owned{},
                     .rebalance_timeout_ms = 10'000}) == "b@2 nothing");
    CHECK(group.heartbeat(classic, 1) == "REBALANCE_IN_PROGRESS");
    CHECK(group.join_classically({.member_id = classic, .instance_id = "one"}) ==
          classic + "#2 range");
    CHECK(group.sync(classic, 2) == "t[0 1 2]");
}

TEST_CASE("an empty group begins with either protocol, whatever it had before") {
    ConsumerConversation group(
        {.group_consumer_migration_policy = {.may_upgrade = false, .may_downgrade = false}});
    const auto classic = begin_classically(group);
    group.leave_classically(classic);
    CHECK(group.join("a") == "a@2 t[0 1]");
    CHECK(group.described_after_restart() == "Stable 2/2 a@2 t[0 1]");
    group.leave("a");
    const auto id = id_of(group.join_classically({.instance_id = "one"}));
    CHECK(group.sync(id, 1, {{id, {{"t", {0}}}}}) == "t[0]");
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
    CHECK(group.described_after_restart() == "GROUP_ID_NOT_FOUND");
}

TEST_CASE("a group that is left by all while it rebalances begins with either protocol, too") {
    ConsumerConversation group({.group_initial_rebalance_delay_ms = 3'000});
    group.set_topic("t", 2);
    REQUIRE(group.join_classically({.version = 3}) == "waits");
    const auto waiting = group.shell().coordinator().describe("g", 6).members.at(0).member_id;
    CHECK(group.leave_classically(waiting) == "NONE");
    CHECK(group.join("a") == "a@2 t[0 1]");
    group.wait(5'000);
    CHECK(group.describe() == "Stable 2/2 a@2 t[0 1]");
}

TEST_CASE("an upgrade that could not be appended leaves everybody waiting as before") {
    ConsumerConversation group;
    const auto classic = begin_classically(group);
    group.shell().fail_next_append(protocol::ErrorCode::kafka_storage_error);
    CHECK(group.join("b") == "NOT_COORDINATOR");
    CHECK(group.heartbeat(classic, 1) == "NONE");
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
}
