// Runs a transaction coordinator in a test: appends, replays, and writes markers as the broker
// does, but at once and in memory. Time stands still unless a test moves it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator/transaction/transaction_coordinator.h"

namespace broker::coordinator::transaction {

class TestHost {
  public:
    explicit TestHost(Config config = {}) : config(config), machine(config, coordinator_epoch) {}

    static constexpr int32_t coordinator_epoch = 7;

    // Appends and replays the records; the markers are left to the caller.
    Effects apply(Effects effects);
    // As apply(), then completes the transaction and repeats the operation if it has to be.
    using Operation = std::function<Effects()>;
    Effects run(const Operation& operation);
    void complete(const WriteMarkers& markers);
    // A crash: everything but the log is lost. Checks that the state is what it was.
    void reload();

    // Requests, by default in the versions that clients use today.
    Effects init(std::string_view id, ProducerEpoch expected = {}, int16_t version = 5,
                 int32_t timeout_ms = 60'000) const;
    Effects add(std::string_view id, ProducerEpoch producer, TopicPartition partition,
                ClientRequest request = ClientRequest::produce(12)) const;
    protocol::ErrorCode verify(std::string_view id, ProducerEpoch producer,
                               TopicPartition partition,
                               ClientRequest request = ClientRequest::produce(11)) const;
    Effects end(std::string_view id, ProducerEpoch producer, bool commit,
                int16_t version = 5) const;

    // Whole conversations; they must succeed.
    ProducerEpoch started(std::string_view id, ProducerEpoch expected = {});
    void begin(std::string_view id, ProducerEpoch producer,
               ClientRequest request = ClientRequest::produce(12));
    ProducerEpoch ended(std::string_view id, ProducerEpoch producer, bool commit,
                        int16_t version = 5);
    // Puts a state in the log, as another broker or an earlier time may have left it.
    void put(std::string_view id, const Transaction& transaction);

    const Transaction& state(std::string_view id) const { return *machine.find(id); }
    std::string state_name(std::string_view id) const { return std::string(name(state(id).state)); }

    Config config;
    TransactionCoordinator machine;
    std::vector<Record> log;
    std::vector<WriteMarkers> written;  // all markers so far
    int64_t now_ms = 1'000'000;
    int64_t fresh_producer_id = 100;
};

}  // namespace broker::coordinator::transaction
