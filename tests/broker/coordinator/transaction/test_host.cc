#include "tests/broker/coordinator/transaction/test_host.h"

#include <doctest/doctest.h>

#include <array>

#include "broker/coordinator/transaction/transaction_log.h"

namespace broker::coordinator::transaction {

using protocol::ErrorCode;

Effects TestHost::apply(Effects effects) {
    if (effects.fresh_producer_id_used) ++fresh_producer_id;
    for (const Record& record : effects.records) {
        log.push_back(record);
        REQUIRE(machine.replay(record.key, record.value));
    }
    return effects;
}

Effects TestHost::run(const Operation& operation) {
    for (;;) {
        Effects effects = apply(operation());
        if (effects.markers) complete(*effects.markers);
        if (!effects.retry_after_markers) return effects;
        REQUIRE(effects.markers);  // nobody else is here to complete the transaction
    }
}

void TestHost::complete(const WriteMarkers& markers) {
    written.push_back(markers);
    apply(machine.markers_written(markers, now_ms));
}

void TestHost::reload() {
    TransactionCoordinator loaded(config, coordinator_epoch);
    for (const Record& record : log) REQUIRE(loaded.replay(record.key, record.value));
    REQUIRE(loaded.transactions() == machine.transactions());
    machine = std::move(loaded);
}

Effects TestHost::init(std::string_view id, ProducerEpoch expected, int16_t version,
                       int32_t timeout_ms) const {
    return machine.init_producer_id({.transactional_id = id,
                                     .transaction_timeout_ms = timeout_ms,
                                     .producer_id = expected.producer_id,
                                     .producer_epoch = expected.epoch},
                                    version, now_ms, fresh_producer_id);
}

Effects TestHost::add(std::string_view id, ProducerEpoch producer, TopicPartition partition,
                      ClientRequest request) const {
    const std::array partitions{std::move(partition)};
    return machine.add_partitions({id, producer.producer_id, producer.epoch}, partitions, request,
                                  now_ms);
}

ErrorCode TestHost::verify(std::string_view id, ProducerEpoch producer, TopicPartition partition,
                           ClientRequest request) const {
    const std::array partitions{std::move(partition)};
    return machine
        .verify_partitions({id, producer.producer_id, producer.epoch}, partitions, request)
        .at(0);
}

Effects TestHost::end(std::string_view id, ProducerEpoch producer, bool commit,
                      int16_t version) const {
    return machine.end({.transactional_id = id,
                        .producer_id = producer.producer_id,
                        .producer_epoch = producer.epoch,
                        .committed = commit},
                       version, now_ms, fresh_producer_id);
}

ProducerEpoch TestHost::started(std::string_view id, ProducerEpoch expected) {
    const Effects effects = run([&] { return init(id, expected); });
    REQUIRE(effects.error == ErrorCode::none);
    return {effects.producer_id, effects.producer_epoch};
}

void TestHost::begin(std::string_view id, ProducerEpoch producer, ClientRequest request) {
    REQUIRE(apply(add(id, producer, {"t", 0}, request)).error == ErrorCode::none);
}

ProducerEpoch TestHost::ended(std::string_view id, ProducerEpoch producer, bool commit,
                              int16_t version) {
    const Effects effects = run([&] { return end(id, producer, commit, version); });
    REQUIRE(effects.error == ErrorCode::none);
    return {effects.producer_id, effects.producer_epoch};
}

void TestHost::put(std::string_view id, const Transaction& transaction) {
    apply({.records = {to_record(id, transaction)}});
}

}  // namespace broker::coordinator::transaction
