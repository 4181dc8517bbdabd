// What a start writes into the metadata log.
#include "broker/metadata/registration.h"

#include <doctest/doctest.h>

using namespace broker::metadata;
using namespace protocol;

namespace {

const Uuid id{{std::byte{1}}};

struct Image {
    void add_partition(int32_t leader, std::vector<int32_t> replicas, std::vector<int32_t> isr) {
        if (!image.find(id)) image.replay(TopicRecord{.name = "orders", .topic_id = id});
        image.replay(PartitionRecord{.partition_id = image.find(id)->partition_count(),
                                     .topic_id = id,
                                     .replicas = std::move(replicas),
                                     .isr = std::move(isr),
                                     .leader = leader});
    }
    void finalize(const std::string& name, int16_t level) {
        image.replay(FeatureLevelRecord{.name = name, .feature_level = level});
    }
    broker::config::BrokerValues values;
    ClusterImage image{values};
};

int16_t version_of(const MetadataRecord& record, int16_t metadata_version) {
    const Blob bytes = encode(record, metadata_version);
    return std::to_integer<int16_t>(bytes.at(2));  // after frame version and type
}

}  // namespace

TEST_CASE("a cluster is refused at a level that is newer than what is known, or older") {
    Image test;
    test.finalize("metadata.version", 33);
    test.finalize("transaction.version", 2);
    CHECK(check_features(test.image));
    SUBCASE("a newer metadata.version") {
        test.finalize("metadata.version", 34);
        CHECK(check_features(test.image).error() ==
              "the cluster is finalized at metadata.version 34, and only 7 to 33 are known here");
    }
    SUBCASE("an older one") {
        test.finalize("metadata.version", 6);
        CHECK(!check_features(test.image));
    }
    SUBCASE("a newer level of another feature") {
        test.finalize("transaction.version", 3);
        CHECK(check_features(test.image).error().contains("transaction.version 3"));
    }
    SUBCASE("a feature that is not known") {
        test.finalize("time.travel", 1);
        CHECK(check_features(test.image).error() ==
              "the cluster is finalized at time.travel 1, a feature that is not known here");
    }
}

TEST_CASE("a broker registers fenced, with the offset as its epoch, and is unfenced with it") {
    const auto records = register_broker({.node_id = 3, .directory_ids = {id}, .rack = "r"}, 4711);
    REQUIRE(records.size() == 2);
    const auto& registration = std::get<RegisterBrokerRecord>(records[0]);
    CHECK(registration.fenced);
    CHECK(registration.broker_epoch == 4711);
    CHECK(registration.log_dirs == std::vector{id});
    CHECK(registration.rack == "r");
    CHECK(registration.features.size() == 7);
    const auto& change = std::get<BrokerRegistrationChangeRecord>(records[1]);
    CHECK(change.broker_epoch == 4711);
    CHECK(change.fenced == -1);
}

TEST_CASE("a broker takes the leadership of its partitions that somebody else has, or nobody") {
    Image test;
    test.add_partition(/*leader=*/1, {1}, {1});
    test.add_partition(-1, {1}, {1});
    test.add_partition(2, {2, 1}, {2});
    test.add_partition(2, {2}, {2});
    const auto changes = take_leadership(test.image, 1);
    REQUIRE(changes.size() == 2);
    const auto& leaderless = std::get<PartitionChangeRecord>(changes[0]);
    CHECK(leaderless.partition_id == 1);
    CHECK(leaderless.leader == 1);
    CHECK(!leaderless.isr);
    const auto& others = std::get<PartitionChangeRecord>(changes[1]);
    CHECK(others.partition_id == 2);
    CHECK(others.isr == std::vector{1});
    for (const auto& change : changes) test.image.replay(change);
    CHECK(take_leadership(test.image, 1).empty());
}

TEST_CASE("who takes the leadership is no candidate for it any more") {
    Image test;
    test.add_partition(-1, {1}, {});
    PartitionChangeRecord elr{.partition_id = 0, .topic_id = id};
    elr.eligible_leader_replicas = {{1}};
    elr.last_known_elr = {{1}};
    elr.leader_recovery_state = 1;
    test.image.replay(elr);
    const auto changes = take_leadership(test.image, 1);
    REQUIRE(changes.size() == 1);
    test.image.replay(changes[0]);
    const auto& partition = test.image.find(id)->partitions.at(0);
    CHECK(partition.isr == std::vector{1});
    CHECK(partition.eligible_leader_replicas->empty());
    CHECK(partition.last_known_elr->empty());
    CHECK(partition.leader_recovery_state == 0);
}

TEST_CASE("a broker that stops is fenced, with the epoch that it registered with") {
    Image test;
    CHECK(fence_broker(test.image, 1).empty());
    test.image.replay(RegisterBrokerRecord{.broker_id = 1, .broker_epoch = 9});
    const auto records = fence_broker(test.image, 1);
    REQUIRE(records.size() == 1);
    const auto& change = std::get<BrokerRegistrationChangeRecord>(records[0]);
    CHECK(change.broker_epoch == 9);
    CHECK(change.fenced == 1);
}

TEST_CASE("a new cluster begins with a metadata transaction, where its level has those") {
    const auto bootstrap = [](int16_t level) {
        return bootstrap_cluster(
            {FeatureLevelRecord{.name = "metadata.version", .feature_level = level}});
    };
    CHECK(bootstrap(12).size() == 1);
    REQUIRE(bootstrap(13).size() == 3);
    CHECK(std::holds_alternative<BeginTransactionRecord>(bootstrap(13)[0]));
    CHECK(std::holds_alternative<EndTransactionRecord>(bootstrap(13)[2]));
}

TEST_CASE("records are written in the layout of the cluster's metadata.version") {
    const PartitionRecord partition;
    CHECK(version_of(partition, 16) == 0);
    CHECK(version_of(partition, 17) == 1);
    CHECK(version_of(partition, 22) == 1);
    CHECK(version_of(partition, 23) == 2);
    CHECK(version_of(PartitionChangeRecord{}, 22) == 1);
    const RegisterBrokerRecord broker;
    CHECK(version_of(broker, 7) == 1);
    CHECK(version_of(broker, 8) == 2);
    CHECK(version_of(broker, 17) == 3);
    CHECK(version_of(broker, 29) == 3);
    CHECK(version_of(broker, 30) == 4);
    CHECK(version_of(BrokerRegistrationChangeRecord{.fenced = 1}, 30) == 0);
    CHECK(version_of(BrokerRegistrationChangeRecord{.in_controlled_shutdown = 1}, 30) == 1);
    CHECK(version_of(BrokerRegistrationChangeRecord{.log_dirs = {id}}, 30) == 2);
}

TEST_CASE("a broker that is gone for good is unregistered, and in sync nowhere") {
    constexpr int32_t here = 1, gone = 2;
    Image test;
    test.image.replay(RegisterBrokerRecord{.broker_id = here, .broker_epoch = 5});
    test.image.replay(RegisterBrokerRecord{.broker_id = gone, .broker_epoch = 4});
    test.add_partition(gone, {gone, here}, {gone, here});
    const auto records = unregister_broker(test.image, gone, here);
    REQUIRE(records);
    for (const auto& record : *records) test.image.replay(record);
    CHECK(test.image.broker(gone) == nullptr);
    CHECK(test.image.find(id)->partitions.at(0).isr == std::vector{here});
    CHECK(test.image.find(id)->partitions.at(0).leader == -1);
    CHECK(unregister_broker(test.image, gone, here).error().code ==
          ErrorCode::broker_id_not_registered);
    CHECK(unregister_broker(test.image, here, here).error().code == ErrorCode::invalid_request);
}

TEST_CASE("a controller that is gone for good is unregistered") {
    constexpr int32_t here = 1, gone = 3;
    Image test;
    test.image.replay(RegisterControllerRecord{.controller_id = gone});
    const auto records = unregister_controller(test.image, gone, here);
    REQUIRE(records);
    for (const auto& record : *records) test.image.replay(record);
    CHECK(!test.image.has_controller(gone));
    CHECK(unregister_controller(test.image, gone, here).error().code ==
          ErrorCode::controller_id_not_registered);
    CHECK(unregister_controller(test.image, here, here).error().code == ErrorCode::invalid_request);
}
