// Consumer groups over connections: who waits is answered by what others do, or by time.
#include <doctest/doctest.h>

#include "protocol/messages/heartbeat.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/sync_group.h"
#include "protocol/messages/txn_offset_commit.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const std::string group = "a-group";
const Partition orders{"orders"};
constexpr int16_t join_version = 9, sync_version = 5;

// One member with a connection of its own.
struct Member {
    Member(uint16_t port, std::string instance_id, int32_t timeout_ms = 60'000)
        : client(port), instance(std::move(instance_id)), session_timeout_ms(timeout_ms) {}

    void send_join() {
        client.send(JoinGroupRequest{.group_id = group,
                                     .session_timeout_ms = session_timeout_ms,
                                     .rebalance_timeout_ms = 60'000,
                                     .member_id = id,
                                     .group_instance_id = instance,
                                     .protocol_type = "consumer",
                                     .protocols = {{.name = "range"}}},
                    join_version);
    }
    // How many members the group has; 0: this one does not lead it.
    size_t receive_joined() {
        const auto joined = client.receive<JoinGroupResponse>(join_version);
        REQUIRE(joined->error_code == ErrorCode::none);
        id = joined->member_id;
        generation = joined->generation_id;
        return joined->members.size();
    }
    void send_sync(const std::vector<std::pair<std::string, Blob>>& assignments = {}) {
        SyncGroupRequest request{.group_id = group,
                                 .generation_id = generation,
                                 .member_id = id,
                                 .group_instance_id = instance};
        for (const auto& [member, assignment] : assignments)
            request.assignments.push_back({.member_id = member, .assignment = assignment});
        client.send(request, sync_version);
    }
    Blob receive_assignment() {
        const auto synced = client.receive<SyncGroupResponse>(sync_version);
        REQUIRE(synced->error_code == ErrorCode::none);
        return synced->assignment;
    }
    ErrorCode beat() {
        const HeartbeatRequest request{.group_id = group,
                                       .generation_id = generation,
                                       .member_id = id,
                                       .group_instance_id = instance};
        return client.call<HeartbeatResponse>(request, 4)->error_code;
    }
    ErrorCode commit(int64_t offset, int32_t in_generation) {
        OffsetCommitRequest request{.group_id = group,
                                    .generation_id_or_member_epoch = in_generation,
                                    .member_id = id,
                                    .group_instance_id = instance};
        request.topics = {{.name = orders.topic,
                           .partitions = {{.partition_index = 0, .committed_offset = offset}}}};
        const auto answer = client.call<OffsetCommitResponse>(request, 9);
        return answer->topics.at(0).partitions.at(0).error_code;
    }
    ErrorCode commit_in_transaction(const std::string& transactional_id, Producer producer,
                                    int64_t offset, int32_t in_generation) {
        TxnOffsetCommitRequest request{.transactional_id = transactional_id,
                                       .group_id = group,
                                       .producer_id = producer.id,
                                       .producer_epoch = producer.epoch,
                                       .generation_id_or_member_epoch = in_generation,
                                       .member_id = id,
                                       .group_instance_id = instance};
        request.topics = {{.name = orders.topic,
                           .partitions = {{.partition_index = 0, .committed_offset = offset}}}};
        const auto answer = client.call<TxnOffsetCommitResponse>(request, 5);
        return answer->topics.at(0).partitions.at(0).error_code;
    }

    Client client;
    std::string instance;
    int32_t session_timeout_ms;
    std::string id;
    int32_t generation = -1;
};

const Blob half{std::byte{1}};
const Blob other_half{std::byte{2}};

// A group of the member "one", which has everything.
struct Group {
    explicit Group(int32_t timeout_ms = 60'000)
        : broker(on_one_and_three_threads()),
          client(broker.port()),
          one(broker.port(), "one", timeout_ms) {
        create_topic(client, orders.topic);
        find_coordinators(client, group, "an-id");
        one.send_join();
        REQUIRE(one.receive_joined() == 1);
        one.send_sync({{one.id, half}});
        REQUIRE(one.receive_assignment() == half);
    }
    TestBroker broker;
    Client client;
    Member one;
};

}  // namespace

TEST_CASE("a second member waits for the first to join again, then both get their parts") {
    Group test;
    Member two(test.broker.port(), "two");
    two.send_join();
    CHECK(two.client.is_silent(20));
    CHECK(test.one.beat() == ErrorCode::rebalance_in_progress);
    test.one.send_join();
    CHECK(test.one.receive_joined() == 2);
    CHECK(two.receive_joined() == 0);
    CHECK(two.generation == test.one.generation);
    two.send_sync();
    CHECK(two.client.is_silent(20));  // The leader decides.
    test.one.send_sync({{test.one.id, half}, {two.id, other_half}});
    CHECK(test.one.receive_assignment() == half);
    CHECK(two.receive_assignment() == other_half);
    CHECK(two.beat() == ErrorCode::none);
}

TEST_CASE("a member that is silent for its session timeout is left out") {
    Group test(/*timeout_ms=*/150);
    Member two(test.broker.port(), "two");
    two.send_join();
    CHECK(two.receive_joined() == 1);
    CHECK(test.one.beat() == ErrorCode::unknown_member_id);
}

TEST_CASE("offsets are taken from the present generation alone, in a transaction, too (KIP-447)") {
    Group test;
    const Producer producer = start_producer(test.client, "an-id");
    const int32_t present = test.one.generation;
    CHECK(test.one.commit(5, present - 1) == ErrorCode::illegal_generation);
    CHECK(test.one.commit_in_transaction("an-id", producer, 5, present - 1) ==
          ErrorCode::illegal_generation);
    CHECK(committed_offset(test.client, group, orders, true) == Committed{ErrorCode::none, -1});
    CHECK(test.one.commit(5, present) == ErrorCode::none);
    CHECK(test.one.commit_in_transaction("an-id", producer, 6, present) == ErrorCode::none);
    CHECK(end_transaction(test.client, "an-id", producer, Outcome::commit).error ==
          ErrorCode::none);
    CHECK(committed_offset(test.client, group, orders, true) == Committed{ErrorCode::none, 6});
}

TEST_CASE("offsets of a member whose place another instance has taken are refused (KAFKA-9365)") {
    Group test;
    Member successor(test.broker.port(), "one");
    successor.send_join();
    successor.receive_joined();
    CHECK(test.one.commit(5, test.one.generation) == ErrorCode::fenced_instance_id);
    const Producer producer = start_producer(test.client, "an-id");
    CHECK(test.one.commit_in_transaction("an-id", producer, 5, test.one.generation) ==
          ErrorCode::fenced_instance_id);
}

TEST_CASE("a group in which a member left is free for others") {
    Group test;
    LeaveGroupRequest leave{.group_id = group};
    leave.members = {{.member_id = test.one.id, .group_instance_id = "one"}};
    CHECK(test.client.call<LeaveGroupResponse>(leave, 5)->error_code == ErrorCode::none);
    Member two(test.broker.port(), "two");
    two.send_join();
    CHECK(two.receive_joined() == 1);
}

TEST_CASE("a client that goes while it waits for its group disturbs nobody") {
    Group test;
    {
        Member lost(test.broker.port(), "lost");
        lost.send_join();
        CHECK(lost.client.is_silent(20));
    }
    Member two(test.broker.port(), "two");
    two.send_join();
    CHECK(two.client.is_silent(20));
    test.one.send_join();
    CHECK(test.one.receive_joined() == 3);  // until the lost one's session ends
    CHECK(two.receive_joined() == 0);
}
