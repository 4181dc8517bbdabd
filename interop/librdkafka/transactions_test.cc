// Transactions: what each isolation level sees, offsets inside them, fencing and expiry.
#include <doctest/doctest.h>

#include "client.h"

using namespace interop;

namespace {

Settings transactional(const std::string& id, int timeout_ms = 60'000) {
    return {{"transactional.id", id}, {"transaction.timeout.ms", std::to_string(timeout_ms)}};
}

void require_ok(const Outcome& outcome) { REQUIRE(outcome.name == ""); }

// Writes `count` records named after `prefix` in a transaction that is left open.
void open_transaction(Producer& producer, const std::string& topic, const std::string& prefix,
                      int count) {
    require_ok(producer.begin());
    for (const auto& value : numbered(prefix, count)) producer.produce(topic, value);
    producer.flush();
    REQUIRE(producer.failures() == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("a committed transaction is seen by both isolation levels, an aborted by one") {
    const auto topic = unique("isolation");
    create_topic(topic);
    Producer producer(transactional(unique("id")));
    require_ok(producer.init_transactions());
    open_transaction(producer, topic, "kept ", 10);
    require_ok(producer.commit());
    open_transaction(producer, topic, "dropped ", 10);
    require_ok(producer.abort());
    open_transaction(producer, topic, "kept too ", 10);
    require_ok(producer.commit());

    auto kept = numbered("kept ", 10);
    const auto dropped = numbered("dropped ", 10);
    const auto kept_too = numbered("kept too ", 10);
    auto all = kept;
    all.insert(all.end(), dropped.begin(), dropped.end());
    all.insert(all.end(), kept_too.begin(), kept_too.end());
    kept.insert(kept.end(), kept_too.begin(), kept_too.end());
    CHECK(values_of(topic, "read_committed") == kept);
    CHECK(values_of(topic, "read_uncommitted") == all);
}

TEST_CASE("an open transaction holds back what comes after it from read_committed only") {
    const auto topic = unique("open");
    create_topic(topic);
    Producer producer(transactional(unique("id")));
    require_ok(producer.init_transactions());
    open_transaction(producer, topic, "open ", 3);
    Producer plain;
    plain.produce(topic, "plain");
    plain.flush();

    CHECK(values_of(topic, "read_committed").empty());
    CHECK(values_of(topic, "read_uncommitted") ==
          std::vector<std::string>{"open 0", "open 1", "open 2", "plain"});
    require_ok(producer.commit());
    CHECK(values_of(topic, "read_committed") ==
          std::vector<std::string>{"open 0", "open 1", "open 2", "plain"});
}

TEST_CASE("transactions of two producers in one partition end independently") {
    const auto topic = unique("interleaved");
    create_topic(topic);
    Producer first(transactional(unique("first")));
    Producer second(transactional(unique("second")));
    require_ok(first.init_transactions());
    require_ok(second.init_transactions());
    require_ok(first.begin());
    require_ok(second.begin());
    for (int i = 0; i < 5; ++i) {
        first.produce(topic, "first " + std::to_string(i));
        first.flush();
        second.produce(topic, "second " + std::to_string(i));
        second.flush();
    }
    require_ok(second.commit());
    CHECK(values_of(topic, "read_committed").empty());
    require_ok(first.abort());
    CHECK(values_of(topic, "read_committed") == numbered("second ", 5));
}

TEST_CASE("a transaction over several partitions and topics commits in all of them") {
    const auto one = unique("one");
    const auto two = unique("two");
    create_topic(one, 3);
    create_topic(two, 3);
    Producer producer(transactional(unique("id")));
    require_ok(producer.init_transactions());
    require_ok(producer.begin());
    for (int32_t partition = 0; partition < 3; ++partition) {
        producer.produce(one, "one " + std::to_string(partition), partition);
        producer.produce(two, "two " + std::to_string(partition), partition);
    }
    producer.flush();
    for (int32_t partition = 0; partition < 3; ++partition) {
        CHECK(values_of(one, "read_committed", partition).empty());
        CHECK(values_of(two, "read_committed", partition).empty());
    }
    require_ok(producer.commit());
    for (int32_t partition = 0; partition < 3; ++partition) {
        CHECK(values_of(one, "read_committed", partition) ==
              std::vector<std::string>{"one " + std::to_string(partition)});
        CHECK(values_of(two, "read_committed", partition) ==
              std::vector<std::string>{"two " + std::to_string(partition)});
    }
}

TEST_CASE("an empty transaction commits and aborts") {
    Producer producer(transactional(unique("id")));
    require_ok(producer.init_transactions());
    require_ok(producer.begin());
    require_ok(producer.commit());
    require_ok(producer.begin());
    require_ok(producer.abort());
}

TEST_CASE("a hundred short transactions follow each other without a gap") {
    const auto topic = unique("short");
    create_topic(topic);
    Producer producer(transactional(unique("id")));
    require_ok(producer.init_transactions());
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i) {
        open_transaction(producer, topic, std::to_string(i) + "-", 2);
        if (i % 4 == 3) {
            require_ok(producer.abort());
        } else {
            require_ok(producer.commit());
            for (auto& value : numbered(std::to_string(i) + "-", 2)) expected.push_back(value);
        }
    }
    CHECK(values_of(topic, "read_committed") == expected);
}

TEST_CASE("offsets sent in a transaction are the group's after its commit only") {
    const auto topic = unique("input");
    const auto group = unique("group");
    create_topic(topic);
    const Consumer consumer({{"group.id", group}});
    Producer producer(transactional(unique("id")));
    require_ok(producer.init_transactions());

    require_ok(producer.begin());
    require_ok(producer.send_offsets({{topic, 0, 5}}, consumer));
    require_ok(producer.abort());
    CHECK(committed(group, topic) == RD_KAFKA_OFFSET_INVALID);

    require_ok(producer.begin());
    require_ok(producer.send_offsets({{topic, 0, 7}}, consumer));
    require_ok(producer.commit());
    CHECK(committed(group, topic) == 7);
}

TEST_CASE("offsets of a member that has left its group are refused") {
    const auto topic = unique("input");
    const auto group = unique("group");
    create_topic(topic);
    Consumer member({{"group.id", group}});
    member.subscribe(topic);
    wait_until("the member has its partition", [&] {
        member.poll(50);
        return member.assignment().size() == 1;
    });
    auto* place = rd_kafka_consumer_group_metadata(member.handle());
    member.close();

    const auto id = unique("id");
    Producer producer(transactional(id));
    require_ok(producer.init_transactions());
    require_ok(producer.begin());
    const auto outcome = producer.send_offsets({{topic, 0, 5}}, place);
    rd_kafka_consumer_group_metadata_destroy(place);
    CHECK(outcome.name == "UNKNOWN_MEMBER_ID");
    CHECK(outcome.abortable);
    require_ok(producer.abort());
    CHECK(committed(group, topic) == RD_KAFKA_OFFSET_INVALID);
}

TEST_CASE("a producer is fenced by a later one with its transactional id") {
    const auto topic = unique("fenced");
    const auto id = unique("id");
    create_topic(topic);
    Producer zombie(transactional(id));
    require_ok(zombie.init_transactions());
    open_transaction(zombie, topic, "zombie ", 3);

    Producer successor(transactional(id));
    require_ok(successor.init_transactions());
    open_transaction(successor, topic, "successor ", 3);

    const auto outcome = zombie.commit();
    CHECK(outcome.name == "_FENCED");
    CHECK(outcome.fatal);
    require_ok(successor.commit());
    CHECK(values_of(topic, "read_committed") == numbered("successor ", 3));
}

TEST_CASE("a fenced producer's records are refused") {
    const auto topic = unique("refused");
    const auto id = unique("id");
    create_topic(topic);
    Producer zombie(transactional(id));
    require_ok(zombie.init_transactions());
    open_transaction(zombie, topic, "zombie ", 1);
    Producer successor(transactional(id));
    require_ok(successor.init_transactions());

    zombie.produce(topic, "too late");
    zombie.flush();
    CHECK(zombie.failures().size() == 1);
    CHECK_FALSE(zombie.commit().ok());
    CHECK(values_of(topic, "read_committed").empty());
    CHECK(values_of(topic, "read_uncommitted") == numbered("zombie ", 1));
}

TEST_CASE("a transaction that takes too long is aborted, and its producer can go on anew") {
    const auto topic = unique("timeout");
    const auto id = unique("id");
    create_topic(topic);
    Producer slow(transactional(id, 1500));
    require_ok(slow.init_transactions());
    open_transaction(slow, topic, "slow ", 3);
    Producer plain;
    plain.produce(topic, "plain");
    plain.flush();
    wait_until("the broker has aborted it", [&] {
        return values_of(topic, "read_committed") == std::vector<std::string>{"plain"};
    });
    CHECK_FALSE(slow.commit().ok());

    Producer next(transactional(id));
    require_ok(next.init_transactions());
    open_transaction(next, topic, "next ", 2);
    require_ok(next.commit());
    CHECK(values_of(topic, "read_committed") ==
          std::vector<std::string>{"plain", "next 0", "next 1"});
}

TEST_CASE("a transaction timeout beyond the broker's limit is refused") {
    Producer producer(transactional(unique("id"), 900'001));
    CHECK(producer.init_transactions().name == "INVALID_TRANSACTION_TIMEOUT");
}
