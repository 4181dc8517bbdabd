// Fetch: how much, from where, until when; and sessions (KIP-227) over a connection.
#include <doctest/doctest.h>

#include <map>

#include "broker/shard.h"
#include "protocol/messages/fetch.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;
using broker::partition::FetchWaiter;

namespace {

const Partition orders{"orders"};

// Batches of one record each at offsets 0 to 4.
struct Filled {
    explicit Filled(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {
        create_topic(client, orders.topic);
        for (int i = 0; i < 5; ++i)
            REQUIRE(produce(client, orders, plain_batch(1, 1000)) == stored_at(i));
    }
    TestBroker broker;
    Client client;
};

FetchRequest session_fetch(int32_t session_id, int32_t epoch,
                           std::initializer_list<std::pair<std::string_view, int64_t>> offsets) {
    FetchRequest request{.session_id = session_id, .session_epoch = epoch};
    for (const auto& [topic, offset] : offsets)
        request.topics.push_back(
            {.topic = topic,
             .partitions = {
                 {.partition = 0, .fetch_offset = offset, .partition_max_bytes = 1 << 20}}});
    return request;
}

std::vector<std::string> topics_in(const FetchResponse& response) {
    std::vector<std::string> topics;
    for (const auto& topic : response.responses) topics.emplace_back(topic.topic);
    return topics;
}
using Topics = std::vector<std::string>;

// Two topics with a record each, and a connection with a session that reads both from the start.
struct Session {
    explicit Session(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {
        for (const auto* topic : {"one", "two"}) {
            create_topic(client, topic);
            REQUIRE(produce(client, {topic}, plain_batch()) == stored_at(0));
        }
        const auto first = ask(session_fetch(0, 0, {{"one", 0}, {"two", 0}}));
        REQUIRE(first->error_code == ErrorCode::none);
        REQUIRE(topics_in(*first) == Topics{"one", "two"});
        id = first->session_id;
        REQUIRE(id != 0);
    }
    Received<FetchResponse> ask(const FetchRequest& request) {
        return client.call<FetchResponse>(request, 12);
    }

    TestBroker broker;
    Client client;
    int32_t id = 0;
};

}  // namespace

TEST_CASE("a fetch begins with the batch that holds its offset (franz-go TestIssue865)") {
    Filled test;
    REQUIRE(produce(test.client, orders, plain_batch(10)) == stored_at(5));
    CHECK(fetch(test.client, orders, 2).base_offsets == std::vector<int64_t>{2, 3, 4, 5});
    CHECK(fetch(test.client, orders, 9).base_offsets == std::vector<int64_t>{5});
    CHECK(fetch(test.client, orders, 15).base_offsets.empty());
}

TEST_CASE("max_bytes ends an answer, but never before its first batch") {
    Filled test;
    CHECK(fetch(test.client, orders, 0, {.max_bytes = 1}).base_offsets.size() == 1);
    CHECK(fetch(test.client, orders, 0, {.partition_max_bytes = 1}).base_offsets.size() == 1);
    CHECK(fetch(test.client, orders, 0, {.partition_max_bytes = 2500}).base_offsets ==
          std::vector<int64_t>{0, 1});
    CHECK(fetch(test.client, orders, 0, {.max_bytes = 2500}).base_offsets ==
          std::vector<int64_t>{0, 1});
}

TEST_CASE("large answers have the very bytes of the log, from files and from memory") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, "orders");
    constexpr int32_t small_bytes = 1000;
    constexpr int32_t large_bytes = 300'000;
    for (const int32_t bytes : {large_bytes, small_bytes, large_bytes})
        REQUIRE(produce(client, orders, plain_batch(2, bytes)).error == ErrorCode::none);
    const Fetched all = fetch(client, orders, 0, {.max_bytes = 4 << 20});
    CHECK(all.base_offsets == std::vector<int64_t>{0, 2});  // the third does not fit
    const Fetched rest = fetch(client, orders, 2, {.max_bytes = 4 << 20});
    CHECK(rest.base_offsets == std::vector<int64_t>{2, 4});
    const Fetched small = fetch(client, orders, 2, {.partition_max_bytes = 1});
    CHECK(small.base_offsets == std::vector<int64_t>{2});
    for (const Fetched& fetched : {all, rest, small}) {
        protocol::BatchCursor batches(fetched.records);
        while (const auto batch = batches.next()) CHECK(batch->has_valid_crc());
    }
    // Of a log that was opened anew the first answer is checked, the second comes from the file.
    broker.restart();
    Client next(broker.port());
    for (int i = 0; i < 2; ++i)
        CHECK(fetch(next, orders, 0, {.max_bytes = 4 << 20}).records == all.records);
}

TEST_CASE("a large read_committed answer lists what was aborted in it") {
    TestBroker broker;
    Client client(broker.port());
    create_topic(client, "orders");
    const Producer first = start_producer(client, "first");
    const Producer second = start_producer(client, "second");
    for (const auto& [producer, id] : {std::pair(first, "first"), std::pair(second, "second")}) {
        REQUIRE(produce(client, orders, transactional_batch(producer, 0, 3000),
                        {.transactional_id = id})
                    .error == ErrorCode::none);
        REQUIRE(end_transaction(client, id, producer, Outcome::abort).error == ErrorCode::none);
    }
    const Fetched fetched = fetch(client, orders, 0, {.isolation = read_committed});
    CHECK(fetched.records.size() > 60'000);
    CHECK(fetched.aborted ==
          std::vector<std::pair<int64_t, int64_t>>{{first.id, 0}, {second.id, 3001}});
}

TEST_CASE("an offset that is not in the log is out of range") {
    Filled test;
    CHECK(fetch(test.client, orders, 6).error == ErrorCode::offset_out_of_range);
    CHECK(fetch(test.client, orders, -1).error == ErrorCode::offset_out_of_range);
    REQUIRE(delete_records(test.client, orders, 2).error == ErrorCode::none);
    const auto deleted = fetch(test.client, orders, 1);
    CHECK(deleted.error == ErrorCode::offset_out_of_range);
    CHECK(fetch(test.client, orders, 2).error == ErrorCode::none);
}

TEST_CASE("a topic or partition that is not there is answered, and does not wait") {
    Filled test;
    CHECK(fetch(test.client, {"missing"}, 0, {.max_wait_ms = 60'000}).error ==
          ErrorCode::unknown_topic_or_partition);
    CHECK(fetch(test.client, {"orders", 1}, 0, {.max_wait_ms = 60'000}).error ==
          ErrorCode::unknown_topic_or_partition);
    FetchRequest by_id;
    by_id.topics = {{.topic_id = {{std::byte{1}}}, .partitions = {{.partition = 0}}}};
    const auto answer = test.client.call<FetchResponse>(by_id, 13);
    CHECK(answer->responses.at(0).partitions.at(0).error_code == ErrorCode::unknown_topic_id);
}

TEST_CASE("a waiting fetch is woken by what is produced") {
    Filled test(on_one_and_three_threads());
    Client reader(test.broker.port());
    send_fetch(reader, orders, 5, {.max_wait_ms = 60'000});
    CHECK(reader.is_silent(20));
    REQUIRE(produce(test.client, orders, plain_batch()) == stored_at(5));
    CHECK(receive_fetched(reader).base_offsets == std::vector<int64_t>{5});
}

TEST_CASE("a waiting fetch is woken when its topic is deleted") {
    Filled test(on_one_and_three_threads());
    Client reader(test.broker.port());
    send_fetch(reader, orders, 5, {.max_wait_ms = 60'000});
    CHECK(reader.is_silent(20));
    delete_topic(test.client, orders.topic);
    CHECK(receive_fetched(reader).error == ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("a fetch waits until min_bytes are there") {
    Filled test(on_one_and_three_threads());
    Client reader(test.broker.port());
    send_fetch(reader, orders, 5, {.max_wait_ms = 60'000, .min_bytes = 2000});
    REQUIRE(produce(test.client, orders, plain_batch(1, 1000)) == stored_at(5));
    CHECK(reader.is_silent(20));
    REQUIRE(produce(test.client, orders, plain_batch(1, 1000)) == stored_at(6));
    CHECK(receive_fetched(reader).base_offsets == std::vector<int64_t>{5, 6});
}

TEST_CASE("a fetch is answered with what there is when max_wait_ms is over") {
    Filled test;
    CHECK(fetch(test.client, orders, 4, {.max_wait_ms = 20, .min_bytes = 1 << 20}).base_offsets ==
          std::vector<int64_t>{4});
    CHECK(fetch(test.client, orders, 5, {.max_wait_ms = 20}).base_offsets.empty());
}

TEST_CASE("a fetch does not wait for ever for a client that may be gone") {
    // As long as a connection may be idle.
    TestBroker broker({{"connections.max.idle.ms", "1000"}});
    Client client(broker.port());
    create_topic(client, orders.topic);
    const Fetched fetched = fetch(client, orders, 0, {.max_wait_ms = 3'600'000});
    CHECK(fetched.error == ErrorCode::none);
    CHECK(fetched.record_count == 0);
}

TEST_CASE("a read_committed fetch waits for a commit, not for the records") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, orders.topic);
    const Producer producer = start_producer(client, "an-id");
    Client reader(broker.port());
    send_fetch(reader, orders, 0, {.isolation = read_committed, .max_wait_ms = 60'000});
    REQUIRE(produce(client, orders, transactional_batch(producer, 0),
                    {.transactional_id = "an-id"}) == stored_at(0));
    CHECK(reader.is_silent(20));
    REQUIRE(end_transaction(client, "an-id", producer, Outcome::commit).error == ErrorCode::none);
    CHECK(receive_fetched(reader).record_count == 1);
}

TEST_CASE("an epoch newer than the leader's is unknown") {
    Filled test;
    CHECK(fetch(test.client, orders, 0, {.current_leader_epoch = 0}).error == ErrorCode::none);
    CHECK(fetch(test.client, orders, 0, {.current_leader_epoch = 1}).error ==
          ErrorCode::unknown_leader_epoch);
}

TEST_CASE("an offset beyond the end of its epoch is answered with where the logs part") {
    Filled test;
    FetchRequest request;
    request.topics = {{.topic = orders.topic,
                       .partitions = {{.partition = 0,
                                       .fetch_offset = 9,
                                       .last_fetched_epoch = 0,
                                       .partition_max_bytes = 1 << 20}}}};
    const auto answer = test.client.call<FetchResponse>(request, 12);
    const auto& partition = answer->responses.at(0).partitions.at(0);
    CHECK(partition.error_code == ErrorCode::none);
    CHECK(partition.diverging_epoch.epoch == 0);
    CHECK(partition.diverging_epoch.end_offset == 5);
    CHECK(partition.records->bytes.empty());
}

TEST_CASE("on an empty partition the leader's own epoch is known") {
    TestBroker broker;
    Client client(broker.port());
    create_topic(client, orders.topic);
    FetchRequest request;
    request.topics = {{.topic = orders.topic,
                       .partitions = {{.partition = 0,
                                       .fetch_offset = 0,
                                       .last_fetched_epoch = 0,
                                       .partition_max_bytes = 1 << 20}}}};
    const auto answer = client.call<FetchResponse>(request, 12);
    const auto& partition = answer->responses.at(0).partitions.at(0);
    CHECK(partition.error_code == ErrorCode::none);
    CHECK(partition.diverging_epoch.end_offset == -1);
}

TEST_CASE("an incremental fetch is answered with what is new") {
    Session session(on_one_and_three_threads());
    REQUIRE(produce(session.client, {"two"}, plain_batch()) == stored_at(1));
    const auto news = session.ask(session_fetch(session.id, 1, {{"one", 1}, {"two", 1}}));
    CHECK(news->error_code == ErrorCode::none);
    CHECK(news->session_id == session.id);
    CHECK(topics_in(*news) == Topics{"two"});
    // The offset moved on at the client, which says so.
    CHECK(topics_in(*session.ask(session_fetch(session.id, 2, {{"two", 2}}))).empty());
}

TEST_CASE("a session forgets the partitions that a fetch says") {
    Session session;
    auto request = session_fetch(session.id, 1, {{"one", 1}, {"two", 1}});
    request.forgotten_topics_data = {{.topic = "one", .partitions = {0}}};
    request.topics.erase(request.topics.begin());
    CHECK(topics_in(*session.ask(request)).empty());
    REQUIRE(produce(session.client, {"one"}, plain_batch()) == stored_at(1));
    CHECK(topics_in(*session.ask(session_fetch(session.id, 2, {}))).empty());
    CHECK(topics_in(*session.ask(session_fetch(session.id, 3, {{"one", 1}}))) == Topics{"one"});
}

TEST_CASE("a session takes its fetches in their order only") {
    Session session;
    const auto error = [&](int32_t epoch) {
        return session.ask(session_fetch(session.id, epoch, {}))->error_code;
    };
    CHECK(error(2) == ErrorCode::invalid_fetch_session_epoch);
    CHECK(error(1) == ErrorCode::none);
    CHECK(error(1) == ErrorCode::invalid_fetch_session_epoch);
    CHECK(error(2) == ErrorCode::none);
}

TEST_CASE("a session that is not there, or was ended, is not found") {
    Session session;
    CHECK(session.ask(session_fetch(session.id + 256, 1, {}))->error_code ==
          ErrorCode::fetch_session_id_not_found);
    const auto last = session.ask(session_fetch(session.id, -1, {{"one", 0}}));
    CHECK(topics_in(*last) == Topics{"one"});
    CHECK(last->session_id == 0);
    CHECK(session.ask(session_fetch(session.id, 1, {}))->error_code ==
          ErrorCode::fetch_session_id_not_found);
}

TEST_CASE("a session begun by name does not go on by id") {
    Session session;
    const auto answer = session.client.call<FetchResponse>(session_fetch(session.id, 1, {}), 13);
    CHECK(answer->error_code == ErrorCode::fetch_session_topic_id_error);
}

TEST_CASE("the session unused for longest gives way to a new one") {
    Session session({{"max.incremental.fetch.session.cache.slots", "2"}});
    const auto second = session.ask(session_fetch(0, 0, {{"one", 0}}))->session_id;
    REQUIRE(session.ask(session_fetch(session.id, 1, {}))->error_code == ErrorCode::none);
    const auto third = session.ask(session_fetch(0, 0, {{"one", 0}}))->session_id;
    CHECK(session.ask(session_fetch(session.id, 2, {}))->error_code == ErrorCode::none);
    CHECK(session.ask(session_fetch(second, 1, {}))->error_code ==
          ErrorCode::fetch_session_id_not_found);
    CHECK(session.ask(session_fetch(third, 1, {}))->error_code == ErrorCode::none);
}

TEST_CASE("a session is told of records that were deleted while it had nothing to read") {
    Session session(on_one_and_three_threads());
    CHECK(topics_in(*session.ask(session_fetch(session.id, 1, {{"one", 1}, {"two", 1}}))).empty());
    REQUIRE(delete_records(session.client, {"two"}, 1).error == ErrorCode::none);
    const auto news = session.ask(session_fetch(session.id, 2, {}));
    REQUIRE(topics_in(*news) == Topics{"two"});
    CHECK(news->responses[0].partitions[0].log_start_offset == 1);
    CHECK(topics_in(*session.ask(session_fetch(session.id, 3, {}))).empty());
}

TEST_CASE("a session is told of an error by each answer, until it is over") {
    Session session(on_one_and_three_threads());
    CHECK(topics_in(*session.ask(session_fetch(session.id, 1, {{"one", 1}, {"two", 1}}))).empty());
    delete_topic(session.client, "two");
    for (const int32_t epoch : {2, 3}) {
        const auto news = session.ask(session_fetch(session.id, epoch, {}));
        REQUIRE(topics_in(*news) == Topics{"two"});
        CHECK(news->responses[0].partitions[0].error_code == ErrorCode::unknown_topic_or_partition);
    }
    create_topic(session.client, "two");
    const auto back = session.ask(session_fetch(session.id, 4, {{"two", 0}}));
    REQUIRE(topics_in(*back) == Topics{"two"});
    CHECK(back->responses[0].partitions[0].error_code == ErrorCode::none);
    CHECK(topics_in(*session.ask(session_fetch(session.id, 5, {}))).empty());
    REQUIRE(produce(session.client, {"two"}, plain_batch()) == stored_at(0));
    CHECK(topics_in(*session.ask(session_fetch(session.id, 6, {}))) == Topics{"two"});
}

TEST_CASE("partitions of a session that have more than fits are served in turn") {
    Session session(on_one_and_three_threads());
    for (const int64_t offset : {1, 2})
        for (const auto* topic : {"one", "two"})
            REQUIRE(produce(session.client, {topic}, plain_batch()) == stored_at(offset));
    std::map<std::string, int64_t> next{{"one", 1}, {"two", 1}};
    std::vector<std::string> served;
    for (int32_t epoch = 1; epoch <= 4; ++epoch) {
        auto request =
            session_fetch(session.id, epoch, {{"one", next["one"]}, {"two", next["two"]}});
        request.max_bytes = 1;
        const auto answer = session.ask(request);
        for (const auto& topic : answer->responses) {
            if (topic.partitions[0].records->bytes.empty()) continue;
            served.emplace_back(topic.topic);
            ++next[served.back()];
        }
    }
    CHECK(served == Topics{"one", "two", "one", "two"});
}

TEST_CASE("a session that changes its isolation level sees what it could not see before") {
    Session session(on_one_and_three_threads());
    const Producer producer = start_producer(session.client, "an-id");
    REQUIRE(produce(session.client, {"one"}, transactional_batch(producer, 0),
                    {.transactional_id = "an-id"}) == stored_at(1));
    auto committed = session_fetch(session.id, 1, {{"one", 1}, {"two", 1}});
    committed.isolation_level = read_committed;
    REQUIRE(topics_in(*session.ask(committed)) == Topics{"one"});  // its new high watermark
    committed = session_fetch(session.id, 2, {});
    committed.isolation_level = read_committed;
    REQUIRE(topics_in(*session.ask(committed)).empty());
    const auto all = session.ask(session_fetch(session.id, 3, {}));
    REQUIRE(topics_in(*all) == Topics{"one"});
    CHECK(!all->responses[0].partitions[0].records->bytes.empty());
}

TEST_CASE("the bytes that a session waits for come from several partitions") {
    Session session(on_one_and_three_threads());
    Client reader(session.broker.port());
    auto request = session_fetch(0, 0, {{"one", 1}, {"two", 1}});
    const auto id = reader.call<FetchResponse>(request, 12)->session_id;
    request = session_fetch(id, 1, {});
    request.min_bytes = 2000;
    request.max_wait_ms = 60'000;
    reader.send(request, 12);
    REQUIRE(produce(session.client, {"one"}, plain_batch(1, 1000)) == stored_at(1));
    REQUIRE(reader.is_silent(20));
    REQUIRE(produce(session.client, {"two"}, plain_batch(1, 1000)) == stored_at(1));
    CHECK(topics_in(*reader.receive<FetchResponse>(12)) == Topics{"one", "two"});
}

TEST_CASE("replicas know of no session that has ended, nor of one that has forgotten them") {
    Session session({{"max.incremental.fetch.session.cache.slots", "1"}});
    const auto watching = [&](const char* name) {
        size_t count = 0;
        session.broker.run([&] {
            broker::Shard& shard = session.broker.shard();
            const auto topic = shard.image.find(std::string_view(name));
            const auto replica = shard.replicas.find_open(topic->id, 0);
            const auto waiter = std::make_shared<FetchWaiter>(shard, shard.timers);
            count = replica->add_waiter(waiter).lock()->count() - 1;
            replica->remove_waiter(waiter.get());
        });
        return count;
    };
    REQUIRE(
        topics_in(*session.ask(session_fetch(session.id, 1, {{"one", 1}, {"two", 1}}))).empty());
    CHECK(watching("one") == 1);
    CHECK(watching("two") == 1);
    auto request = session_fetch(session.id, 2, {});
    request.forgotten_topics_data = {{.topic = "one", .partitions = {0}}};
    REQUIRE(session.ask(request)->error_code == ErrorCode::none);
    CHECK(watching("one") == 0);
    CHECK(watching("two") == 1);
    SUBCASE("it is ended by its client") { session.ask(session_fetch(session.id, -1, {})); }
    SUBCASE("it gives way to another one") { session.ask(session_fetch(0, 0, {{"one", 0}})); }
    CHECK(watching("two") == 0);
    // A fetch without a session that has waited.
    auto waits = session_fetch(0, -1, {{"two", 1}});
    waits.max_wait_ms = 10;
    session.ask(waits);
    CHECK(watching("two") == 0);
}
