// InitProducerId: ids and epochs, and the fencing of who had the transactional id before (KIP-98,
// KIP-360).
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/init_producer_id.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using protocol::ErrorCode;

namespace {

const Partition orders{"orders"};
const std::string id = "a-shop";
const ProduceOptions in_transaction{.transactional_id = id};

}  // namespace

TEST_CASE("every idempotent producer gets an id of its own, from every thread") {
    TestBroker broker(on_one_and_three_threads());
    std::set<int64_t> ids;
    for (int connection = 0; connection < 6; ++connection) {
        Client client(broker.port());
        for (int i = 0; i < 5; ++i) {
            const Producer producer = start_idempotent_producer(client);
            CHECK(producer.epoch == 0);
            ids.insert(producer.id);
        }
    }
    CHECK(ids.size() == 30);
}

TEST_CASE("a transactional id keeps its producer id, and each start gets the next epoch") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    const Producer first = start_producer(client, id);
    CHECK(first.epoch == 0);
    CHECK(start_producer(client, id) == Producer{first.id, 1});
    CHECK(start_producer(client, id) == Producer{first.id, 2});
    CHECK(start_producer(client, "another").id != first.id);
}

TEST_CASE(
    "a start fences the producer before it and aborts its transaction (KAFKA-10687, KIP-588)") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, orders.topic);
    const Producer zombie = start_producer(client, id);
    REQUIRE(produce(client, orders, transactional_batch(zombie, 0), in_transaction) ==
            stored_at(0));
    const Producer successor = start_producer(client, id);
    CHECK(successor.id == zombie.id);
    CHECK(successor.epoch > zombie.epoch);

    const auto aborted = fetch(client, orders, 0, {.isolation = read_committed});
    CHECK(aborted.last_stable_offset == 2);
    CHECK(aborted.aborted == std::vector<std::pair<int64_t, int64_t>>{{zombie.id, 0}});
    CHECK(produce(client, orders, transactional_batch(zombie, 1), in_transaction) ==
          refused(ErrorCode::invalid_producer_epoch));
    CHECK(end_transaction(client, id, zombie, Outcome::commit).error == ErrorCode::producer_fenced);
    CHECK(end_transaction(client, id, zombie, Outcome::commit, 1).error ==
          ErrorCode::invalid_producer_epoch);
    CHECK(init_producer_id(client, id, {.expected = zombie}).error == ErrorCode::producer_fenced);
    CHECK(init_producer_id(client, id, {.expected = zombie, .version = 3}).error ==
          ErrorCode::invalid_producer_epoch);
    CHECK(produce(client, orders, transactional_batch(successor, 0), in_transaction) ==
          stored_at(2));
    CHECK(end_transaction(client, id, successor, Outcome::commit).error == ErrorCode::none);
}

TEST_CASE("a producer that names its epoch goes on, and gets the same answer again (KIP-360)") {
    TestBroker broker;
    Client client(broker.port());
    const Producer first = start_producer(client, id);
    const auto next = init_producer_id(client, id, {.expected = first});
    CHECK(next.error == ErrorCode::none);
    CHECK(next.producer == Producer{first.id, 1});
    const auto again = init_producer_id(client, id, {.expected = first});
    CHECK(again.error == ErrorCode::none);
    CHECK(again.producer == Producer{first.id, 1});
}

TEST_CASE(
    "a timeout that is not positive or above transaction.max.timeout.ms is refused "
    "(redpanda#17984)") {
    TestBroker broker({{"transaction.max.timeout.ms", "1000"}});
    Client client(broker.port());
    find_coordinators(client, "a-group", id);
    for (const int32_t timeout_ms : {-1, 0, 1001})
        CHECK(init_producer_id(client, id, {.timeout_ms = timeout_ms}).error ==
              ErrorCode::invalid_transaction_timeout);
    CHECK(init_producer_id(client, id, {.timeout_ms = 1000}).error == ErrorCode::none);
}

TEST_CASE("an empty transactional id and half a producer are refused") {
    TestBroker broker;
    Client client(broker.port());
    find_coordinators(client, "a-group", id);
    CHECK(init_producer_id(client, "").error == ErrorCode::invalid_request);
    CHECK(init_producer_id(client, id, {.expected = {7, -1}}).error == ErrorCode::invalid_request);
    CHECK(init_producer_id(client, id, {.expected = {-1, 7}}).error == ErrorCode::invalid_request);
    CHECK(init_producer_id(client, std::nullopt, {.expected = {7, -1}}).error ==
          ErrorCode::invalid_request);
}

TEST_CASE("a transactional id without a coordinator's topic is sent to FindCoordinator") {
    TestBroker broker;
    Client client(broker.port());
    CHECK(init_producer_id(client, id).error == ErrorCode::not_coordinator);
    find_coordinators(client, "a-group", id);
    CHECK(init_producer_id(client, id).error == ErrorCode::none);
}

TEST_CASE("an expired transactional id is given again when asked for (flink-connector-kafka#238)") {
    TestBroker broker({{"transactional.id.expiration.ms", "50"}});
    Client client(broker.port());
    create_topic(client, orders.topic);
    const Producer idempotent = start_idempotent_producer(client);
    REQUIRE(produce(client, orders, idempotent_batch(idempotent, 0)) == stored_at(0));
    const Producer forgotten = start_producer(client, id);
    wait_until([&] { return transaction_state(client, id).empty(); });
    CHECK(end_transaction(client, id, forgotten, Outcome::abort).error ==
          ErrorCode::invalid_producer_id_mapping);
    const auto next = init_producer_id(client, id, {.expected = forgotten});
    CHECK(next.error == ErrorCode::none);
    CHECK(next.producer.id != forgotten.id);
    // The producer without a transactional id has another clock.
    CHECK(produce(client, orders, idempotent_batch(idempotent, 0)) == stored_at(0));
    CHECK(produce(client, orders, idempotent_batch(idempotent, 5)) ==
          refused(ErrorCode::out_of_order_sequence_number));
}

TEST_CASE("a producer id expires by itself, and the transactional id stays (redpanda#22670)") {
    TestBroker broker(
        {{"producer.id.expiration.ms", "50"}, {"producer.id.expiration.check.interval.ms", "10"}});
    Client client(broker.port());
    create_topic(client, orders.topic);
    const Producer idempotent = start_idempotent_producer(client);
    const Producer transactional = start_producer(client, id);
    REQUIRE(produce(client, orders, transactional_batch(transactional, 0), in_transaction) ==
            stored_at(0));
    REQUIRE(produce(client, orders, idempotent_batch(idempotent, 0)) == stored_at(1));
    // What is forgotten may begin anywhere; an open transaction is not.
    wait_until([&] {
        return produce(client, orders, idempotent_batch(idempotent, 7)).error == ErrorCode::none;
    });
    CHECK(produce(client, orders, transactional_batch(transactional, 0), in_transaction) ==
          stored_at(0));
    CHECK(end_transaction(client, id, transactional, Outcome::commit).error == ErrorCode::none);
    CHECK(start_producer(client, id).id == transactional.id);
}

TEST_CASE("two-phase commit is not advertised, and version 6 not served (KIP-939)") {
    TestBroker broker({{"transaction.two.phase.commit.enable", "true"}});
    Client client(broker.port());
    const auto served =
        client.call<protocol::ApiVersionsResponse>(protocol::ApiVersionsRequest{}, 0);
    const auto& api = std::ranges::find(served->api_keys, protocol::InitProducerIdRequest::api_key,
                                        [](const auto& key) { return key.api_key; });
    REQUIRE(api != served->api_keys.end());
    CHECK(api->max_version == 5);
    client.send_request(protocol::InitProducerIdRequest::api_key, 6, {});
    CHECK(client.is_closed_by_broker());
}
