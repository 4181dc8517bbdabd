// Offsets in a transaction (KIP-98, KIP-447): visible with its commit, and only then.
#include <doctest/doctest.h>

#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/txn_offset_commit.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using protocol::ErrorCode;

namespace {

const Partition orders{"orders"};
const std::string id = "a-shop";
const std::string group = "a-group";
constexpr bool require_stable = true;

struct Copier {
    explicit Copier(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {
        create_topic(client, orders.topic);
        producer = start_producer(client, id);
    }
    ErrorCode commit_to(int64_t offset) {
        return commit_offset_in_transaction(client, id, producer, group, orders, offset);
    }
    void end(Outcome outcome) {
        const auto ended = end_transaction(client, id, producer, outcome);
        REQUIRE(ended.error == ErrorCode::none);
        producer = ended.next;
    }
    Committed committed(bool stable = false) {
        return committed_offset(client, group, orders, stable);
    }

    TestBroker broker;
    Client client;
    Producer producer;
};

constexpr Committed nothing{ErrorCode::none, -1};
constexpr Committed at(int64_t offset) { return {ErrorCode::none, offset}; }
constexpr Committed unstable{ErrorCode::unstable_offset_commit, -1};

}  // namespace

TEST_CASE("offsets of a transaction are there as soon as its commit is answered (redpanda#9571)") {
    Copier copier(on_one_and_three_threads());
    REQUIRE(copier.commit_to(5) == ErrorCode::none);
    CHECK(copier.committed() == nothing);
    copier.end(Outcome::commit);
    CHECK(copier.committed(require_stable) == at(5));
}

TEST_CASE("offsets of an aborted transaction never were") {
    Copier copier(on_one_and_three_threads());
    REQUIRE(commit_offset(copier.client, group, orders, 3) == ErrorCode::none);
    REQUIRE(copier.commit_to(5) == ErrorCode::none);
    CHECK(copier.committed() == at(3));
    copier.end(Outcome::abort);
    CHECK(copier.committed(require_stable) == at(3));
}

TEST_CASE(
    "who wants stable offsets is told to come again while a transaction is open (KAFKA-14505)") {
    Copier copier(on_one_and_three_threads());
    REQUIRE(commit_offset(copier.client, group, orders, 3) == ErrorCode::none);
    CHECK(copier.committed(require_stable) == at(3));
    REQUIRE(copier.commit_to(5) == ErrorCode::none);
    CHECK(copier.committed(require_stable) == unstable);
    copier.end(Outcome::commit);
    CHECK(copier.committed(require_stable) == at(5));
}

TEST_CASE("the last offset of several in one transaction holds") {
    Copier copier;
    for (const int64_t offset : {5, 6, 7}) REQUIRE(copier.commit_to(offset) == ErrorCode::none);
    copier.end(Outcome::commit);
    CHECK(copier.committed() == at(7));
    REQUIRE(copier.commit_to(9) == ErrorCode::none);
    copier.end(Outcome::commit);
    CHECK(copier.committed() == at(9));
}

TEST_CASE("an old client names the group first, else its offsets are refused") {
    Copier copier(on_one_and_three_threads());
    const auto commit_to = [&](int64_t offset, int16_t version) {
        return commit_offset_in_transaction(copier.client, id, copier.producer, group, orders,
                                            offset, version);
    };
    CHECK(commit_to(5, 4) == ErrorCode::transaction_abortable);
    CHECK(commit_to(5, 3) == ErrorCode::invalid_txn_state);
    REQUIRE(add_offsets(copier.client, id, copier.producer, group) == ErrorCode::none);
    CHECK(commit_to(5, 3) == ErrorCode::none);
    CHECK(copier.committed(require_stable) == unstable);
    CHECK(end_transaction(copier.client, id, copier.producer, Outcome::commit, 3).error ==
          ErrorCode::none);
    CHECK(copier.committed(require_stable) == at(5));
}

TEST_CASE("a group joins a transaction before its coordinator was ever looked for") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, orders.topic);
    const protocol::FindCoordinatorRequest find{.key_type = 1, .coordinator_keys = {id}};
    const auto found = client.call<protocol::FindCoordinatorResponse>(find, 6);
    REQUIRE(found->coordinators.at(0).error_code == ErrorCode::none);
    const Producer producer = init_producer_id(client, id, {.version = 4}).producer;
    const auto end = [&](Outcome outcome) {
        return end_transaction(client, id, producer, outcome, 3).error;
    };
    CHECK(add_offsets(client, id, producer, group) == ErrorCode::none);
    CHECK(end(Outcome::abort) == ErrorCode::none);

    CHECK(add_offsets(client, id, producer, group) == ErrorCode::none);
    find_coordinators(client, group, id);
    CHECK(commit_offset_in_transaction(client, id, producer, group, orders, 5, 3) ==
          ErrorCode::none);
    CHECK(end(Outcome::commit) == ErrorCode::none);
    CHECK(committed_offset(client, group, orders, require_stable) == at(5));
}

TEST_CASE("a group without a name, or with nothing to commit, does not join the transaction") {
    Copier copier(on_one_and_three_threads());
    for (const int16_t version : std::initializer_list<int16_t>{4, 5}) {
        CHECK(commit_offset_in_transaction(copier.client, id, copier.producer, "", orders, 5,
                                           version) == ErrorCode::invalid_group_id);
        CHECK(commit_offset_in_transaction(copier.client, id, copier.producer, group, {"nowhere"},
                                           5, version) == ErrorCode::unknown_topic_or_partition);
    }
    CHECK(transaction_state(copier.client, id) == "Empty");
}

TEST_CASE("a topic of which nothing is committed is not in the answer") {
    Copier copier;
    const protocol::TxnOffsetCommitRequest request{.transactional_id = id,
                                                   .group_id = group,
                                                   .producer_id = copier.producer.id,
                                                   .producer_epoch = copier.producer.epoch,
                                                   .topics = {{.name = orders.topic}}};
    CHECK(copier.client.call<protocol::TxnOffsetCommitResponse>(request, 5)->topics.empty());
}

TEST_CASE("offsets of a fenced producer are refused (KAFKA-9365)") {
    Copier copier(on_one_and_three_threads());
    const Producer zombie = copier.producer;
    copier.producer = start_producer(copier.client, id);
    CHECK(commit_offset_in_transaction(copier.client, id, zombie, group, orders, 5) ==
          ErrorCode::invalid_producer_epoch);
    CHECK(copier.commit_to(6) == ErrorCode::none);
    copier.end(Outcome::commit);
    CHECK(copier.committed() == at(6));
}

TEST_CASE("offsets that come after the end of their transaction are refused") {
    Copier copier(on_one_and_three_threads());
    const Producer before = copier.producer;
    REQUIRE(copier.commit_to(5) == ErrorCode::none);
    copier.end(Outcome::commit);
    CHECK(commit_offset_in_transaction(copier.client, id, before, group, orders, 9) ==
          ErrorCode::invalid_producer_epoch);
    CHECK(copier.committed(require_stable) == at(5));
}

TEST_CASE("a deleted topic takes its pending offsets along (nisshi finding 4)") {
    Copier copier;
    REQUIRE(copier.commit_to(5) == ErrorCode::none);
    delete_topic(copier.client, orders.topic);
    create_topic(copier.client, orders.topic);
    copier.end(Outcome::commit);
    CHECK(copier.committed() == nothing);
}

TEST_CASE("records and offsets of one transaction become visible together") {
    Copier copier(on_one_and_three_threads());
    REQUIRE(produce(copier.client, orders, transactional_batch(copier.producer, 0),
                    {.transactional_id = id}) == stored_at(0));
    REQUIRE(copier.commit_to(5) == ErrorCode::none);
    Client observer(copier.broker.port());
    CHECK(committed_offset(observer, group, orders, require_stable) == unstable);
    CHECK(fetch(observer, orders, 0, {.isolation = read_committed}).record_count == 0);
    copier.end(Outcome::commit);
    CHECK(committed_offset(observer, group, orders, require_stable) == at(5));
    CHECK(fetch(observer, orders, 0, {.isolation = read_committed}).record_count == 1);
}
