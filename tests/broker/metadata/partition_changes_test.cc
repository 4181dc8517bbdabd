// What the controller decides about partitions of topics that there are.
#include "broker/metadata/partition_changes.h"

#include <doctest/doctest.h>

#include <limits>
#include <utility>

using namespace broker::metadata;

namespace {

using Ids = std::vector<int32_t>;

constexpr int32_t here = 1, gone = 2, never_there = 7;
const protocol::Uuid topic_id{{std::byte{1}}};
const protocol::Uuid directory_id{{std::byte{9}}}, other_directory_id{{std::byte{8}}};
const ClusterDefaults defaults{
    .node_id = here, .partition_count_max = 20'000, .directory_id = directory_id};

struct Cluster {
    explicit Cluster(const std::string& name = "orders") : topic(name) {
        image.replay(protocol::TopicRecord{.name = name, .topic_id = topic_id});
    }
    Cluster& with(const protocol::PartitionRecord& partition) {
        protocol::PartitionRecord record = partition;
        record.partition_id = image.find(topic_id)->partition_count();
        record.topic_id = topic_id;
        image.replay(record);
        return *this;
    }
    const PartitionImage& partition(size_t index = 0) const {
        return image.find(topic_id)->partitions.at(index);
    }
    // Carries the decision out.
    ErrorCode decide(const std::expected<Records, ApiError>& records) {
        if (!records) return records.error().code;
        for (const auto& record : *records) image.replay(record);
        return ErrorCode::none;
    }
    ErrorCode create(int32_t count, std::optional<std::vector<Ids>> assignments = {}) {
        return decide(create_partitions(
            image, {.topic = topic, .count = count, .assignments = std::move(assignments)},
            defaults));
    }
    ErrorCode move(std::optional<Ids> replicas, bool may_change_replication_factor = true) {
        return decide(reassign(image,
                               {.topic = topic,
                                .replicas = std::move(replicas),
                                .may_change_replication_factor = may_change_replication_factor},
                               defaults));
    }

    std::string topic;
    broker::config::BrokerValues values;
    ClusterImage image{values};
};

const protocol::PartitionRecord ours{
    .replicas = {here}, .isr = {here}, .leader = here, .directories = {directory_id}};
// Of a cluster of more brokers, of which this one is left.
const protocol::PartitionRecord left{.replicas = {gone, here},
                                     .isr = {here},
                                     .leader = here,
                                     .directories = {other_directory_id, directory_id}};

}  // namespace

TEST_CASE("new partitions follow those that there are, and this broker leads them") {
    Cluster cluster;
    cluster.with(ours);
    REQUIRE(cluster.create(3) == ErrorCode::none);
    REQUIRE(cluster.image.find(topic_id)->partition_count() == 3);
    CHECK(cluster.partition(2).partition_id == 2);
    CHECK(cluster.partition(2).leader == here);
    CHECK(cluster.partition(2).isr == Ids{here});
    CHECK(cluster.partition(2).directories == std::vector{directory_id});
    CHECK(cluster.create(4, {{{here}}}) == ErrorCode::none);
}

TEST_CASE("a number of partitions that is no increase is refused, and one that is too large") {
    Cluster cluster;
    cluster.with(ours).with(ours);
    for (const int32_t count : {-1, 0, 1, 2}) {
        CAPTURE(count);
        CHECK(cluster.create(count) == ErrorCode::invalid_partitions);
    }
    CHECK(cluster.create(10'003) == ErrorCode::policy_violation);
    CHECK(cluster.create(std::numeric_limits<int32_t>::max()) == ErrorCode::policy_violation);
    CHECK(cluster.create(10'002) == ErrorCode::none);
    CHECK(cluster.create(20'001) == ErrorCode::invalid_partitions);
}

TEST_CASE("new partitions are assigned to brokers that there are, one by one") {
    Cluster cluster;
    cluster.with(ours);
    for (const auto& assignments : std::vector<std::vector<Ids>>{
             {}, {{here}, {here}}, {{never_there}}, {{-1}}, {{here, here}}, {{}}, {{here, gone}}})
        CHECK(cluster.create(2, assignments) == ErrorCode::invalid_replica_assignment);
    CHECK(cluster.image.find(topic_id)->partition_count() == 1);
}

TEST_CASE("partitions of topics that are not there, or that coordinate, are not made") {
    Cluster coordinators("__transaction_state");
    CHECK(coordinators.with(ours).create(2) == ErrorCode::invalid_topic_exception);
    Cluster cluster;
    CHECK(cluster.decide(create_partitions(cluster.image, {.topic = "payments", .count = 2},
                                           defaults)) == ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("nobody else can be elected, and the answer says why") {
    const auto elect = [](const protocol::PartitionRecord& partition, ElectionType type) {
        return elect_leader(partition, type, here).code;
    };
    CHECK(elect(ours, ElectionType::preferred) == ErrorCode::election_not_needed);
    CHECK(elect(ours, ElectionType::unclean) == ErrorCode::election_not_needed);
    CHECK(elect(left, ElectionType::preferred) == ErrorCode::preferred_leader_not_available);
    CHECK(elect(left, ElectionType::unclean) == ErrorCode::election_not_needed);
    const protocol::PartitionRecord elsewhere{.replicas = {gone}, .isr = {gone}, .leader = gone};
    CHECK(elect(elsewhere, ElectionType::unclean) == ErrorCode::eligible_leaders_not_available);
}

TEST_CASE("a partition that is moved to where it is stays as it is") {
    Cluster cluster;
    cluster.with(ours);
    CHECK(reassign(cluster.image, {.topic = "orders", .replicas = {{here}}}, defaults)->empty());
    CHECK(cluster.move(std::nullopt) == ErrorCode::no_reassignment_in_progress);
    for (const auto& replicas :
         std::vector<Ids>{{}, {never_there}, {-1}, {here, here}, {here, never_there}})
        CHECK(cluster.move(replicas) == ErrorCode::invalid_replica_assignment);
}

TEST_CASE("partitions that are not there cannot be moved") {
    Cluster cluster;
    cluster.with(ours);
    for (const auto& wanted : std::vector<Reassignment>{{.topic = "payments"},
                                                        {.topic = "orders", .partition = 1},
                                                        {.topic = "orders", .partition = -1}})
        CHECK(cluster.decide(reassign(cluster.image, wanted, defaults)) ==
              ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("a partition is taken off a broker that is gone") {
    Cluster cluster;
    cluster.with(left);
    CHECK(cluster.move({{here}}, /*may_change_replication_factor=*/false) ==
          ErrorCode::invalid_replication_factor);
    REQUIRE(cluster.move({{here}}) == ErrorCode::none);
    CHECK(cluster.partition().replicas == Ids{here});
    CHECK(cluster.partition().isr == Ids{here});
    CHECK(cluster.partition().leader == here);
    CHECK(cluster.partition().directories == std::vector{directory_id});
}

TEST_CASE("a partition whose records are not here cannot be moved here") {
    Cluster cluster;
    cluster.with({.replicas = {gone}, .isr = {gone}, .leader = gone});
    CHECK(cluster.move({{here}}) == ErrorCode::invalid_replica_assignment);
}

TEST_CASE("a move that another cluster began can be cancelled") {
    Cluster cluster;
    cluster.with(
        {.replicas = {here, gone}, .isr = {here}, .adding_replicas = {gone}, .leader = here});
    REQUIRE(is_reassigning(cluster.partition()));
    REQUIRE(cluster.move(std::nullopt) == ErrorCode::none);
    CHECK(cluster.partition().replicas == Ids{here});
    CHECK(!is_reassigning(cluster.partition()));
}

TEST_CASE("a move is not cancelled where that would leave nobody in sync") {
    Cluster cluster;
    cluster.with(
        {.replicas = {gone, here}, .isr = {here}, .adding_replicas = {here}, .leader = here});
    CHECK(cluster.move(std::nullopt) == ErrorCode::invalid_replica_assignment);
}

TEST_CASE("a replica that moved is in its new directory, and the others stay in theirs") {
    Cluster cluster;
    cluster.with(left);
    cluster.image.replay(protocol::FeatureLevelRecord{.name = "metadata.version",
                                                      .feature_level = 17});  // 3.7-IV2, KIP-858
    const protocol::Uuid there{{std::byte{7}}};
    const auto assign = [&](const protocol::Uuid& directory) {
        const Records records = assign_directory(cluster.image, topic_id, 0, directory, defaults);
        for (const auto& record : records) cluster.image.replay(record);
        return records.size();
    };
    CHECK(assigned_directory(cluster.partition(), here) == directory_id);
    CHECK(assign(directory_id) == 0);
    CHECK(assign(there) == 1);
    CHECK(cluster.partition().directories == std::vector{other_directory_id, there});
    CHECK(assigned_directory(cluster.partition(), here) == there);
    CHECK(assigned_directory(cluster.partition(), never_there).is_zero());
    CHECK(cluster.partition().leader == here);
    CHECK(assign_directory(cluster.image, topic_id, 1, there, defaults).empty());
}

TEST_CASE("metadata of old versions knows no directories") {
    Cluster cluster;
    cluster.with({.replicas = {here}, .isr = {here}, .leader = here});
    CHECK(assign_directory(cluster.image, topic_id, 0, directory_id, defaults).empty());
    cluster.image.replay(
        protocol::FeatureLevelRecord{.name = "metadata.version", .feature_level = 17});
    CHECK(assign_directory(cluster.image, topic_id, 0, directory_id, defaults).size() == 1);
}
