// The quorum, the features that the cluster is finalized at, and nodes that go: DescribeQuorum,
// UpdateFeatures, UnregisterBroker, UnregisterController, AddRaftVoter, RemoveRaftVoter.
#include <doctest/doctest.h>

#include <optional>

#include "broker/coordinator/transaction/transaction_log.h"
#include "protocol/messages/add_raft_voter.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/describe_quorum.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/remove_raft_voter.h"
#include "protocol/messages/unregister_broker.h"
#include "protocol/messages/unregister_controller.h"
#include "protocol/messages/update_features.h"
#include "protocol/record_batch.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const Partition orders{"orders"};
constexpr int8_t safe_downgrade = 2, upgrade = 1;

using broker::coordinator::transaction::Transaction;

// The last record of the transactional id, wherever it is.
Transaction stored_transaction(Client& client, const std::string& id) {
    Transaction last;
    const MetadataRequest request{.topics = {{{.name = "__transaction_state"}}}};
    const auto metadata = client.call<MetadataResponse>(request, 12);
    for (const auto& partition : metadata->topics.at(0).partitions) {
        const auto fetched = fetch(client, {"__transaction_state", partition.partition_index}, 0);
        Bytes rest = fetched.records;
        while (const auto batch = BatchView::first_in(rest)) {
            const auto read = for_each_record(*batch, [&](const Record& record) {
                if (broker::coordinator::transaction::read_key(*record.key) == id)
                    last = *broker::coordinator::transaction::read_value(*record.value);
                return true;
            });
            REQUIRE(read);
            rest = rest.subspan(batch->size_bytes());
        }
    }
    return last;
}

struct Running {
    explicit Running(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {}

    void restart() {
        client.reset();
        broker.restart();
        client.emplace(broker.port());
    }
    ErrorCode finalize(std::string_view feature, int16_t level, int8_t type) {
        const UpdateFeaturesRequest request{
            .feature_updates = {
                {.feature = feature, .max_version_level = level, .upgrade_type = type}}};
        return client->call<UpdateFeaturesResponse>(request, 2)->error_code;
    }
    int16_t finalized(std::string_view feature) {
        const ApiVersionsRequest request{.client_software_name = "a",
                                         .client_software_version = "1"};
        const auto answer = client->call<ApiVersionsResponse>(request, 4);
        for (const auto& found : answer->finalized_features)
            if (found.name == feature) return found.max_version_level;
        return 0;
    }

    TestBroker broker;
    std::optional<Client> client;
};

}  // namespace

TEST_CASE("the quorum is this node alone") {
    Running test(on_one_and_three_threads());
    create_topic(*test.client, "orders");
    const DescribeQuorumRequest request{
        .topics = {{.topic_name = "__cluster_metadata", .partitions = {{0}}}}};
    const auto answer = test.client->call<DescribeQuorumResponse>(request, 2);
    const auto& partition = answer->topics.at(0).partitions.at(0);
    CHECK(partition.error_code == ErrorCode::none);
    CHECK(partition.leader_id == 1);
    CHECK(partition.leader_epoch > 0);
    REQUIRE(partition.current_voters.size() == 1);
    CHECK(!partition.current_voters.at(0).replica_directory_id.is_zero());
    CHECK(partition.current_voters.at(0).log_end_offset == partition.high_watermark);
    CHECK(answer->nodes.at(0).listeners.at(0).port == test.broker.port());
    create_topic(*test.client, "payments");
    const auto later = test.client->call<DescribeQuorumResponse>(request, 2);
    CHECK(later->topics.at(0).partitions.at(0).high_watermark > partition.high_watermark);
    const auto other = test.client->call<DescribeQuorumResponse>(
        DescribeQuorumRequest{.topics = {{.topic_name = "orders", .partitions = {{0}}}}}, 2);
    CHECK(other->topics.at(0).partitions.at(0).error_code == ErrorCode::unknown_topic_or_partition);
    CHECK(other->nodes.empty());
}

TEST_CASE("a level that is finalized is told to clients, and lasts") {
    Running test(on_one_and_three_threads());
    REQUIRE(test.finalized("transaction.version") == 2);
    CHECK(test.finalize("transaction.version", 1, upgrade) == ErrorCode::invalid_update_version);
    CHECK(test.finalized("transaction.version") == 2);
    CHECK(test.finalize("transaction.version", 1, safe_downgrade) == ErrorCode::none);
    CHECK(test.finalized("transaction.version") == 1);
    test.restart();
    CHECK(test.finalized("transaction.version") == 1);
    CHECK(test.finalize("transaction.version", 0, safe_downgrade) == ErrorCode::none);
    CHECK(test.finalized("transaction.version") == 0);
    CHECK(test.finalize("transaction.version", 2, upgrade) == ErrorCode::none);
    CHECK(test.finalized("transaction.version") == 2);
}

TEST_CASE("without transaction.version 2 the coordinator's own aborts are not of KIP-890") {
    Running test(on_one_and_three_threads());
    create_topic(*test.client, "orders");
    // What the coordinator has stored of the abort of a transaction that took too long.
    const auto version_of_abort = [&](const std::string& id) {
        const Producer producer = start_producer(*test.client, id, {.timeout_ms = 1});
        REQUIRE(add_partitions(*test.client, id, producer, {orders}) ==
                std::vector{ErrorCode::none});
        wait_until([&] { return transaction_state(*test.client, id) == "CompleteAbort"; });
        return stored_transaction(*test.client, id).client_transaction_version;
    };
    CHECK(version_of_abort("an-id") == 2);
    REQUIRE(test.finalize("transaction.version", 1, safe_downgrade) == ErrorCode::none);
    CHECK(version_of_abort("another-id") == 0);
    REQUIRE(test.finalize("transaction.version", 2, upgrade) == ErrorCode::none);
    CHECK(version_of_abort("a-third-id") == 2);
}

TEST_CASE("nodes that are not there cannot leave, and voters stay") {
    Running test;
    const auto broker =
        test.client->call<UnregisterBrokerResponse>(UnregisterBrokerRequest{.broker_id = 7}, 0);
    CHECK(broker->error_code == ErrorCode::broker_id_not_registered);
    const auto itself =
        test.client->call<UnregisterBrokerResponse>(UnregisterBrokerRequest{.broker_id = 1}, 0);
    CHECK(itself->error_code == ErrorCode::invalid_request);
    const auto controller = test.client->call<UnregisterControllerResponse>(
        UnregisterControllerRequest{.controller_id = 7}, 0);
    CHECK(controller->error_code == ErrorCode::controller_id_not_registered);
    const auto added = test.client->call<AddRaftVoterResponse>(
        AddRaftVoterRequest{.cluster_id = std::nullopt, .voter_id = 7}, 1);
    CHECK(added->error_code == ErrorCode::unsupported_version);
    const auto elsewhere = test.client->call<AddRaftVoterResponse>(
        AddRaftVoterRequest{.cluster_id = "another", .voter_id = 7}, 1);
    CHECK(elsewhere->error_code == ErrorCode::inconsistent_cluster_id);
    const auto removed = test.client->call<RemoveRaftVoterResponse>(
        RemoveRaftVoterRequest{.cluster_id = std::nullopt, .voter_id = -1}, 0);
    CHECK(removed->error_code == ErrorCode::invalid_request);
}
