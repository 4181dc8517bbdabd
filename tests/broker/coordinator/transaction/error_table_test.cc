// Checks error_table.tsv, row by row and version by version.
#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/broker/coordinator/transaction/test_host.h"

namespace broker::coordinator::transaction {

namespace {

using protocol::ErrorCode;

const TopicPartition added{"t", 0};
const TopicPartition not_added{"t", 1};

struct Row {
    std::string api;
    int first_version = 0, last_version = 0;
    std::string state, ended, producer, ask, error;
};

std::vector<Row> read_table() {
    std::ifstream file(ERROR_TABLE);
    REQUIRE(file.is_open());
    std::vector<Row> rows;
    std::string line;
    while (std::getline(file, line)) {
        if (line.empty() || line.starts_with('#') || line.starts_with("api\t")) continue;
        std::istringstream fields(line);
        Row row;
        std::string versions;
        fields >> row.api >> versions >> row.state >> row.ended >> row.producer >> row.ask >>
            row.error;
        REQUIRE(fields);
        const size_t dash = versions.find('-');
        row.first_version = std::stoi(versions);
        row.last_version =
            dash == std::string::npos ? row.first_version : std::stoi(versions.substr(dash + 1));
        rows.push_back(std::move(row));
    }
    return rows;
}

// Puts the id "x" into the state, and gives the producer that it has then.
ProducerEpoch reach(TestHost& host, const std::string& state, bool bumps_epoch) {
    if (state == "Unknown") return {};
    host.started("x");
    host.started("x");
    const ProducerEpoch producer = host.started("x");
    if (state == "Empty") return producer;
    host.begin("x", producer,
               bumps_epoch ? ClientRequest::produce(12) : ClientRequest::add_partitions_to_txn(3));
    if (state == "Ongoing") return producer;
    const bool commit = state.ends_with("Commit");
    const Effects end = host.apply(host.end("x", producer, commit, bumps_epoch ? 5 : 3));
    if (state.starts_with("Complete")) host.complete(*end.markers);
    CHECK(host.state_name("x") == state);
    return {host.state("x").producer_id, host.state("x").producer_epoch};
}

ProducerEpoch named(const std::string& producer, ProducerEpoch current) {
    if (producer == "none") return {};
    if (producer == "other") return {current.producer_id + 1'000, 0};
    if (producer == "before") --current.epoch;
    if (producer == "after") ++current.epoch;
    return current;
}

ErrorCode ask(const TestHost& host, const Row& row, int16_t version, ProducerEpoch producer) {
    const TopicPartition& partition = row.ask == "added" ? added : not_added;
    if (row.api == "InitProducerId") {
        // A transaction in the way is aborted; the request then runs again.
        TestHost after = host;
        Effects effects = after.apply(after.init("x", producer, version));
        if (effects.markers) {
            after.complete(*effects.markers);
            effects = after.init("x", producer, version);
        }
        return effects.error;
    }
    if (row.api == "EndTxn") return host.end("x", producer, row.ask == "commit", version).error;
    ClientRequest request = ClientRequest::produce(version);
    if (row.api == "TxnOffsetCommit") request = ClientRequest::txn_offset_commit(version);
    if (row.api == "AddPartitionsToTxn") request = ClientRequest::add_partitions_to_txn(version);
    if (row.api == "AddOffsetsToTxn") request = ClientRequest::add_offsets_to_txn(version);
    const bool is_write = row.api == "Produce" || row.api == "TxnOffsetCommit";
    if (is_write && !request.adds_implicitly())
        return host.verify("x", producer, partition, request);
    return host.add("x", producer, partition, request).error;
}

}  // namespace

TEST_CASE("every row of the error table holds (KAFKA-9911, KAFKA-10687, KAFKA-16314)") {
    const std::vector<Row> rows = read_table();
    CHECK(rows.size() > 300);
    for (const Row& row : rows) {
        for (const bool bumps_epoch : {false, true}) {
            if (row.ended == (bumps_epoch ? "1" : "2")) continue;
            TestHost host;
            const ProducerEpoch current = reach(host, row.state, bumps_epoch);
            for (int version = row.first_version; version <= row.last_version; ++version) {
                CAPTURE(row.api);
                CAPTURE(version);
                CAPTURE(row.state);
                CAPTURE(bumps_epoch);
                CAPTURE(row.producer);
                CAPTURE(row.ask);
                const auto producer = named(row.producer, current);
                CHECK(protocol::name(ask(host, row, static_cast<int16_t>(version), producer)) ==
                      row.error);
            }
        }
    }
}

}  // namespace broker::coordinator::transaction
