// Static members of consumer groups (KIP-345, KIP-848): they go and come back to what they had.
#include <doctest/doctest.h>

#include "tests/broker/coordinator/group/consumer_conversation.h"

using tests::ConsumerConversation;
using tests::Owned;

namespace {

// x and y have one partition each.
ConsumerConversation with_two_static_members() {
    ConsumerConversation group;
    group.set_topic("t", 2);
    group.join_statically("x", "one");
    group.join_statically("y", "two");
    group.beat("x", 2);
    group.beat("x", 2, Owned{{"t", {0}}});
    group.beat("y", 3);
    return group;
}

}  // namespace

TEST_CASE("a static member that leaves for now keeps its partitions, and its successor gets them") {
    auto group = with_two_static_members();
    CHECK(group.describe() == "Stable 3/3 x@3 t[0] y@3 t[1]");
    CHECK(group.leave("x", -2, "one") == "x@-2");
    CHECK(group.describe() == "Reconciling 3/3 x@-2 t[0] y@3 t[1]");
    CHECK(group.beat("y", 3) == "y@3");
    CHECK(group.join_statically("z", "one") == "z@3 t[0]");
    CHECK(group.describe() == "Stable 3/3 y@3 t[1] z@3 t[0]");
    CHECK(group.described_after_restart() == group.describe());
}

TEST_CASE("a static member that does not come back is gone after its session") {
    auto group = with_two_static_members();
    group.leave("x", -2, "one");
    group.wait(30'000);
    group.beat("y", 3);
    group.wait(15'000);
    CHECK(group.beat("y", 3) == "y@4 t[0 1]");
}

TEST_CASE("an instance id is not to be had while its member is there") {
    auto group = with_two_static_members();
    CHECK(group.join_statically("z", "one") == "UNRELEASED_INSTANCE_ID");
    CHECK(group.message() == "The instance id one is that of the member x, which has not left.");
}

TEST_CASE("whose instance id has gone to another one is fenced") {
    auto group = with_two_static_members();
    group.leave("x", -2, "one");
    group.join_statically("z", "one");
    CHECK(group.say({.member_id = "x", .epoch = 3, .instance_id = "one"}) == "FENCED_INSTANCE_ID");
    CHECK(group.leave("x", -2, "one") == "FENCED_INSTANCE_ID");
    CHECK(group.leave("x", -1, "one") == "FENCED_INSTANCE_ID");
    CHECK(group.say({.member_id = "z", .epoch = 3, .instance_id = "three"}) == "UNKNOWN_MEMBER_ID");
    CHECK(group.leave("z", -2, "three") == "UNKNOWN_MEMBER_ID");
}

TEST_CASE("a static member that leaves for good gives its partitions up") {
    auto group = with_two_static_members();
    CHECK(group.leave("x", -1, "one") == "x@-1");
    CHECK(group.beat("y", 3) == "y@4 t[0 1]");
}

TEST_CASE("a successor counts when the group is full, and may ask for other topics") {
    ConsumerConversation group({.group_consumer_max_size = 1});
    group.set_topic("t", 1);
    group.set_topic("u", 1);
    group.join_statically("x", "one");
    group.leave("x", -2, "one");
    CHECK(group.say({.member_id = "z",
                     .instance_id = "one",
                     .topics = std::vector<std::string>{"u"},
                     .owned = Owned{},
                     .rebalance_timeout_ms = 10'000}) == "z@3 u[0]");
    CHECK(group.describe() == "Stable 3/3 z@3 u[0]");
}
