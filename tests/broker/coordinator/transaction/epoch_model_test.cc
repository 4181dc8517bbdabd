// Walks through every conversation of up to seven steps that begins near the last epoch, with up to
// three producers of one transactional id, and checks that nobody ever gets what another one has
// (KAFKA-18660, KAFKA-19367, KAFKA-9666).
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/broker/coordinator/transaction/test_host.h"

namespace broker::coordinator::transaction {

namespace {

using protocol::ErrorCode;

constexpr int steps_max = 7;
constexpr size_t producers_max = 3;

struct World {
    TestHost host;
    std::vector<ProducerEpoch> producers;                 // what each has; {}: nothing
    std::map<std::pair<int64_t, int16_t>, size_t> given;  // to which of them
    std::map<std::pair<int64_t, int16_t>, bool> marked;   // epochs closed by a marker of today

    std::string key() const {
        std::string key;
        if (const Transaction* t = host.machine.find("x"))
            key = fmt::format("{} {} {} {} {} {} {}", t->producer_id, t->previous_producer_id,
                              t->next_producer_id, t->producer_epoch, t->last_producer_epoch,
                              name(t->state), t->client_transaction_version);
        for (const auto& p : producers) key += fmt::format("|{} {}", p.producer_id, p.epoch);
        return key;
    }

    void give(size_t producer, ProducerEpoch value) {
        CHECK(value.epoch >= 0);
        CHECK(value.epoch <= last_epoch);
        const auto [at, is_new] = given.try_emplace({value.producer_id, value.epoch}, producer);
        CHECK_MESSAGE(at->second == producer, key());
        producers[producer] = value;
    }

    void apply(const Effects& effects) {
        host.apply(effects);
        for (const Record& record : effects.records) CHECK(record.value);
        if (!effects.markers) return;
        CHECK(effects.markers->producer_epoch >= 0);
        if (effects.markers->transaction_version == 2)
            CHECK(marked
                      .try_emplace({effects.markers->producer_id, effects.markers->producer_epoch},
                                   true)
                      .second);
        host.complete(*effects.markers);
    }
};

// What a producer may ask; false: there is nothing to do, or it was refused.
bool init(World& world, size_t producer) {
    const ProducerEpoch expected = world.producers[producer];
    Effects effects;
    do {
        effects = world.host.init("x", expected);
        world.apply(effects);
    } while (effects.retry_after_markers);
    if (effects.error != ErrorCode::none) return false;
    world.give(producer, {effects.producer_id, effects.producer_epoch});
    return true;
}

bool add(World& world, size_t producer, ClientRequest request) {
    const Effects effects = world.host.add("x", world.producers[producer], {"t", 0}, request);
    if (effects.error != ErrorCode::none) return false;
    world.apply(effects);
    return true;
}

bool end(World& world, size_t producer, bool commit, int16_t version) {
    const Effects effects = world.host.end("x", world.producers[producer], commit, version);
    if (effects.error != ErrorCode::none) return false;
    world.apply(effects);
    if (version >= 5) world.give(producer, {effects.producer_id, effects.producer_epoch});
    return true;
}

bool expire(World& world) {
    const Effects effects =
        world.host.machine.expire_transaction(1'000'000'000, world.host.fresh_producer_id);
    world.apply(effects);
    return !effects.records.empty();
}

std::vector<World> successors(const World& world) {
    std::vector<World> next;
    const auto try_out = [&](auto&& step) {
        World copy = world;
        if (step(copy)) next.push_back(std::move(copy));
    };
    if (world.producers.size() < producers_max)
        try_out([](World& w) {
            w.producers.emplace_back();
            return init(w, w.producers.size() - 1);
        });
    for (size_t i = 0; i < world.producers.size(); ++i) {
        try_out([i](World& w) { return init(w, i); });
        try_out([i](World& w) { return add(w, i, ClientRequest::produce(12)); });
        try_out([i](World& w) { return add(w, i, ClientRequest::add_partitions_to_txn(3)); });
        for (const bool commit : {true, false}) {
            try_out([=](World& w) { return end(w, i, commit, 5); });
            try_out([=](World& w) { return end(w, i, commit, 3); });
        }
    }
    try_out(expire);
    return next;
}

size_t explore(int16_t transaction_version, int16_t first_epoch) {
    World start{TestHost({.transaction_version = transaction_version}), {}, {}, {}};
    start.host.put("x", {.producer_id = 5,
                         .previous_producer_id = 5,
                         .producer_epoch = first_epoch,
                         .timeout_ms = 1'000});
    std::set<std::string> seen{start.key()};
    std::vector<World> front;
    front.push_back(std::move(start));
    for (int step = 0; step < steps_max; ++step) {
        std::vector<World> next_front;
        for (const World& world : front)
            for (World& next : successors(world))
                if (seen.insert(next.key()).second) next_front.push_back(std::move(next));
        front = std::move(next_front);
    }
    for (World& world : front) world.host.reload();
    return seen.size();
}

}  // namespace

TEST_CASE(
    "near the last epoch no producer gets what another has, and no epoch overflows (KAFKA-18660)") {
    for (const int transaction_version : {0, 2})
        for (const int epoch : {32764, 32765, 32766, 32767}) {
            CAPTURE(transaction_version);
            CAPTURE(epoch);
            CHECK(explore(static_cast<int16_t>(transaction_version), static_cast<int16_t>(epoch)) >
                  100);
        }
}

TEST_CASE("a KIP-890 transaction at the last epoch ends, and the next has another producer id") {
    for (const bool commit : {true, false}) {
        TestHost host;
        host.put("x", {.producer_id = 5, .producer_epoch = last_epoch - 1, .timeout_ms = 1'000});
        host.begin("x", {5, last_epoch - 1});
        const ProducerEpoch last = host.ended("x", {5, last_epoch - 1}, commit);
        CHECK(last == ProducerEpoch{5, last_epoch});
        host.begin("x", last);

        const Effects end = host.apply(host.end("x", last, commit));
        CHECK(end.fresh_producer_id_used);
        CHECK(end.markers->producer_id == 5);
        CHECK(end.markers->producer_epoch == max_epoch);
        CHECK(host.state("x").next_producer_id == 100);
        host.reload();
        host.complete(*end.markers);
        CHECK(ProducerEpoch{end.producer_id, end.producer_epoch} == ProducerEpoch{100, 0});
        CHECK(host.ended("x", last, commit) == ProducerEpoch{100, 0});  // a retry
        CHECK(host.end("x", last, !commit).error != ErrorCode::none);
        host.begin("x", {100, 0});
        CHECK(host.end("x", last, commit).error != ErrorCode::none);
    }
}

TEST_CASE("a new producer over an open transaction at the last epoch gets another producer id") {
    TestHost host;
    host.put("x", {.producer_id = 5, .producer_epoch = last_epoch, .timeout_ms = 1'000});
    host.begin("x", {5, last_epoch});
    CHECK(host.started("x") == ProducerEpoch{100, 1});
    CHECK(host.written.back().producer_epoch == max_epoch);
}

TEST_CASE(
    "a transaction with the very last epoch, from an older broker, can be aborted and left "
    "behind") {
    TestHost host;
    host.put("x", {.producer_id = 5,
                   .producer_epoch = max_epoch,
                   .timeout_ms = 1'000,
                   .state = State::ongoing,
                   .partitions = {{"t", 0}},
                   .started_ms = 0});
    CHECK(host.end("x", {5, max_epoch}, /*commit=*/true).error == ErrorCode::producer_fenced);
    CHECK(host.started("x") == ProducerEpoch{100, 0});
    CHECK(host.written.back().transaction_version == 0);  // allows an equal epoch
}

}  // namespace broker::coordinator::transaction
