// Consumer groups (KIP-848): who gets what, and the handshake of epochs on the way there.
#include <doctest/doctest.h>

#include "tests/broker/coordinator/group/consumer_conversation.h"

using tests::ConsumerConversation;
using tests::Owned;
namespace group = broker::coordinator::group;

namespace {

ConsumerConversation with_topic(int32_t partition_count, const group::GroupConfig& config = {}) {
    ConsumerConversation group(config);
    group.set_topic("t", partition_count);
    return group;
}

}  // namespace

TEST_CASE("the first member gets everything at once, at the epoch after the group's first") {
    auto group = with_topic(3);
    CHECK(group.join("a") == "a@2 t[0 1 2]");
    CHECK(group.describe() == "Stable 2/2 a@2 t[0 1 2]");
}

TEST_CASE("a second member gets partitions when the first one has let go of them") {
    auto group = with_topic(4);
    group.join("a");
    CHECK(group.join("b") == "b@3 nothing");
    CHECK(group.targets() == "a t[0 1] b t[2 3]");
    CHECK(group.describe() == "Reconciling 3/3 a@2 t[0 1 2 3] b@3 nothing");
    // The first one is told what it keeps; its epoch stays until it says that it has let go.
    CHECK(group.beat("a", 2) == "a@2 t[0 1]");
    CHECK(group.beat("b", 3) == "b@3");
    CHECK(group.beat("a", 2, Owned{{"t", {0, 1, 2, 3}}}) == "a@2");
    CHECK(group.beat("a", 2, Owned{{"t", {0, 1}}}) == "a@3");
    CHECK(group.beat("b", 3) == "b@3 t[2 3]");
    CHECK(group.describe() == "Stable 3/3 a@3 t[0 1] b@3 t[2 3]");
}

TEST_CASE("a member that leaves gives its partitions to the others") {
    auto group = with_topic(2);
    group.join("a");
    group.join("b");
    group.beat("a", 2);
    group.beat("a", 2, Owned{{"t", {0}}});
    CHECK(group.beat("b", 3) == "b@3 t[1]");
    CHECK(group.leave("a") == "a@-1");
    CHECK(group.describe() == "Assigning 4/3 b@3 t[1]");
    CHECK(group.beat("b", 3) == "b@4 t[0 1]");
}

TEST_CASE("the last member leaves an empty group, which another one can begin with") {
    auto group = with_topic(1);
    group.join("a");
    group.leave("a");
    CHECK(group.describe() == "Empty 3/3");
    CHECK(group.join("b") == "b@4 t[0]");
}

TEST_CASE("a member that is not heard of is gone after its session") {
    auto group = with_topic(2, {.group_consumer_session_timeout_ms = 1'000});
    group.join("a");
    group.wait(600);
    group.join("b");
    group.wait(600);
    CHECK(group.describe() == "Assigning 4/3 b@3 nothing");
    CHECK(group.beat("a", 2) == "UNKNOWN_MEMBER_ID");
    CHECK(group.beat("b", 3) == "b@4 t[0 1]");
}

TEST_CASE("all members of a group whose sessions end at once go one after another") {
    auto group = with_topic(2, {.group_consumer_session_timeout_ms = 1'000});
    group.join("a");
    group.join("b");
    group.wait(1'001);
    CHECK(group.describe() == "Empty 5/5");
    CHECK(group.described_after_restart() == "Empty 5/5");
}

TEST_CASE("a member that does not let go of partitions is gone after its rebalance timeout") {
    auto group = with_topic(2);
    group.join("a");
    group.join("b");
    CHECK(group.beat("a", 2) == "a@2 t[0]");
    group.wait(9'999);
    CHECK(group.beat("a", 2) == "a@2");
    group.wait(1);
    CHECK(group.beat("a", 2) == "UNKNOWN_MEMBER_ID");
    CHECK(group.beat("b", 3) == "b@4 t[0 1]");
}

TEST_CASE("what a member had to do in time is forgotten when it leaves") {
    auto group = with_topic(2, {.group_consumer_session_timeout_ms = 100'000});
    group.join("a");
    group.join("b");
    group.beat("a", 2);
    const auto next_ms = [&] {
        return *group.shell().coordinator().next_deadline() - group.shell().now_ms();
    };
    CHECK(next_ms() == 10'000);
    group.leave("a");
    CHECK(next_ms() == 100'000);
}

TEST_CASE("a member whose answer was lost comes with the epoch before and goes on") {
    auto group = with_topic(2);
    group.join("a");
    group.set_topic("t", 4);
    CHECK(group.beat("a", 2) == "a@3 t[0 1 2 3]");
    CHECK(group.beat("a", 2, Owned{{"t", {0, 1}}}) == "a@3");
    CHECK(group.beat("a", 2) == "FENCED_MEMBER_EPOCH");  // it does not say what it owns
    group.set_topic("u", 1);
    CHECK(group.beat("a", 2, Owned{{"u", {0}}}) == "FENCED_MEMBER_EPOCH");
}

TEST_CASE("epochs that were never a member's fence it; epoch 0 is always a new beginning") {
    auto group = with_topic(2);
    group.join("a");
    CHECK(group.beat("a", 7) == "FENCED_MEMBER_EPOCH");
    CHECK(group.beat("a", 1) == "FENCED_MEMBER_EPOCH");
    CHECK(group.join("a") == "a@2 t[0 1]");
    CHECK(group.beat("x", 2) == "UNKNOWN_MEMBER_ID");
    CHECK(group.say({.member_id = "a", .epoch = 2, .group_id = "none"}) == "GROUP_ID_NOT_FOUND");
    CHECK(group.leave("x") == "UNKNOWN_MEMBER_ID");
}

TEST_CASE("a member that tells everything again is told everything") {
    auto group = with_topic(2);
    group.join("a");
    CHECK(group.beat("a", 2) == "a@2");
    CHECK(group.say({.member_id = "a",
                     .epoch = 2,
                     .topics = std::vector<std::string>{"t"},
                     .owned = Owned{{"t", {0, 1}}},
                     .rebalance_timeout_ms = 10'000}) == "a@2 t[0 1]");
}

TEST_CASE("new, larger and deleted topics are assigned with the next heartbeat") {
    ConsumerConversation group;
    CHECK(group.join("a", {"t", "u"}) == "a@2 nothing");
    group.set_topic("t", 1);
    CHECK(group.beat("a", 2) == "a@3 t[0]");
    group.set_topic("t", 2);
    CHECK(group.beat("a", 3) == "a@4 t[0 1]");
    group.set_topic("another", 1);
    CHECK(group.beat("a", 4) == "a@4");
    group.set_topic("u", 1);
    CHECK(group.beat("a", 4) == "a@5 t[0 1] u[0]");
    group.shell().cluster().delete_topic("t");
    CHECK(group.beat("a", 5) == "a@5 u[0]");
    CHECK(group.beat("a", 5, Owned{{"u", {0}}}) == "a@6");
}

TEST_CASE("a member that asks for other topics gets others") {
    auto group = with_topic(1);
    group.set_topic("u", 1);
    group.join("a");
    const auto asked =
        group.say({.member_id = "a", .epoch = 2, .topics = std::vector<std::string>{"u"}});
    CHECK(asked == "a@2 nothing");
    CHECK(group.beat("a", 2, Owned{}) == "a@3 u[0]");
}

TEST_CASE("assignments have a least interval; members are told of the last one meanwhile") {
    auto group = with_topic(2, {.group_consumer_assignment_interval_ms = 1'000});
    CHECK(group.join("a") == "a@2 t[0 1]");
    CHECK(group.join("b") == "b@2 nothing");
    CHECK(group.describe() == "Assigning 3/2 a@2 t[0 1] b@2 nothing");
    group.wait(1'000);
    CHECK(group.beat("a", 2) == "a@2 t[0]");
    group.shell().cluster().set_group_setting("g", "consumer.assignment.interval.ms", 0);
    CHECK(group.join("c") == "c@4 nothing");
}

TEST_CASE("a group's own session timeout comes before the broker's") {
    auto group = with_topic(1);
    group.shell().cluster().set_group_setting("g", "consumer.session.timeout.ms", 500);
    group.join("a");
    group.wait(500);
    CHECK(group.describe() == "Empty 3/3");
}

TEST_CASE("a full group takes nobody in, but those who are there already") {
    auto group = with_topic(2, {.group_consumer_max_size = 1});
    group.join("a");
    CHECK(group.join("b") == "GROUP_MAX_SIZE_REACHED");
    CHECK(group.join("a") == "a@2 t[0 1]");
}

TEST_CASE("most members choose the assignor") {
    auto group = with_topic(3);
    group.set_topic("u", 3);
    const std::vector<std::string> topics{"t", "u"};
    const auto join = [&](const std::string& id, std::optional<std::string> assignor) {
        return group.say({.member_id = id,
                          .topics = topics,
                          .assignor = std::move(assignor),
                          .owned = Owned{},
                          .rebalance_timeout_ms = 10'000});
    };
    join("a", {});
    join("b", {});
    CHECK(group.targets() == "a t[0 1 2] b u[0 1 2]");
    join("c", "range");
    CHECK(group.targets() == "a t[0] u[0] b t[1] u[1] c t[2] u[2]");
    CHECK(join("d", "sticky") == "UNSUPPORTED_ASSIGNOR");
}

TEST_CASE("a coordinator that reads the log knows what the one before knew") {
    auto group = with_topic(4);
    group.join("a");
    group.join("b");
    group.beat("a", 2);
    const auto before = group.describe();
    CHECK(group.described_after_restart() == before);
    group.shell().restart();
    CHECK(group.beat("a", 2, Owned{{"t", {0, 1}}}) == "a@3");
    CHECK(group.beat("b", 3) == "b@3 t[2 3]");
    group.shell().restart();
    group.wait(45'000);
    CHECK(group.describe() == "Empty 5/5");
}

TEST_CASE("what could not be appended has not happened") {
    auto group = with_topic(2);
    group.join("a");
    group.shell().fail_next_append(protocol::ErrorCode::kafka_storage_error);
    CHECK(group.join("b") == "NOT_COORDINATOR");
    CHECK(group.describe() == "Stable 2/2 a@2 t[0 1]");
    group.set_topic("t", 3);
    group.shell().fail_next_append(protocol::ErrorCode::kafka_storage_error);
    CHECK(group.beat("a", 2) == "NOT_COORDINATOR");
    CHECK(group.beat("a", 2) == "a@3 t[0 1 2]");
    group.shell().fail_next_append(protocol::ErrorCode::kafka_storage_error);
    group.wait(45'000);
    CHECK(group.describe() == "Empty 4/4");
}

TEST_CASE("a change of the cluster that is about no topic has no group look at its topics") {
    ConsumerConversation group;
    group.set_topic("t", 1);
    group.join("a");
    group.beat("a", 2);
    auto& cluster = group.shell().cluster();
    cluster.set_group_setting("another", "consumer.session.timeout.ms", 50'000);
    const size_t before = cluster.lookup_count();
    group.beat("a", 2);
    CHECK(cluster.lookup_count() == before);
    group.set_topic("u", 1);
    group.beat("a", 2);
    CHECK(cluster.lookup_count() > before);
}
