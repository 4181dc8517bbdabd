#include "broker/metadata/registration.h"

#include <fmt/format.h>

#include <algorithm>

#include "broker/metadata/features.h"

namespace broker::metadata {

using namespace protocol;

namespace {

constexpr int8_t fences = 1, unfences = -1;
constexpr int8_t recovered = 0;  // LeaderRecoveryState, after an unclean election (KIP-704)
constexpr std::string_view kraft_version_feature = "kraft.version";

bool contains(const std::vector<int32_t>& ids, int32_t id) {
    return std::ranges::find(ids, id) != ids.end();
}

}  // namespace

std::expected<void, std::string> check_features(const ClusterImage& image) {
    for (const auto& [name, level] : image.features()) {
        const Feature* known = find_feature(name);
        if (!known)
            return std::unexpected(
                fmt::format("the cluster is finalized at {} {}, a feature that is not known here",
                            name, level));
        if (level < known->min || level > known->max)
            return std::unexpected(
                fmt::format("the cluster is finalized at {} {}, and only {} to {} are known here",
                            name, level, known->min, known->max));
    }
    return {};
}

std::vector<MetadataRecord> bootstrap_cluster(std::vector<MetadataRecord> records) {
    std::vector<MetadataRecord> all;
    const auto has_transactions = [](const MetadataRecord& record) {
        const auto* level = std::get_if<FeatureLevelRecord>(&record);
        return level && level->name == metadata_version_feature &&
               level->feature_level >= metadata_version_of::metadata_transactions;
    };
    const bool is_transaction = std::ranges::any_of(records, has_transactions);
    if (is_transaction) all.emplace_back(BeginTransactionRecord{.name = "Bootstrap records"});
    std::ranges::move(records, std::back_inserter(all));
    if (is_transaction) all.emplace_back(EndTransactionRecord{});
    return all;
}

std::vector<MetadataRecord> register_broker(const BrokerFacts& broker, int64_t offset) {
    RegisterBrokerRecord registration{.broker_id = broker.node_id,
                                      .incarnation_id = broker.incarnation_id,
                                      .broker_epoch = offset,
                                      .end_points = broker.end_points,
                                      .log_dirs = broker.directory_ids};
    if (broker.rack.empty())
        registration.rack.reset();
    else
        registration.rack = broker.rack;
    for (const Feature& feature : features)
        registration.features.push_back({.name = std::string(feature.name),
                                         .min_supported_version = feature.min,
                                         .max_supported_version = feature.max});
    registration.features.push_back(
        {.name = std::string(kraft_version_feature), .max_supported_version = 1});
    return {std::move(registration),
            BrokerRegistrationChangeRecord{
                .broker_id = broker.node_id, .broker_epoch = offset, .fenced = unfences}};
}

std::vector<MetadataRecord> take_leadership(const ClusterImage& image, int32_t node_id) {
    std::vector<MetadataRecord> changes;
    const auto take = [&](const PartitionImage& partition) {
        if (partition.leader == node_id) return;
        if (!contains(partition.replicas, node_id)) return;
        PartitionChangeRecord change{.partition_id = partition.partition_id,
                                     .topic_id = partition.topic_id,
                                     .leader = node_id};
        if (!contains(partition.isr, node_id)) change.isr = {{node_id}};
        if (partition.leader_recovery_state != recovered) change.leader_recovery_state = recovered;
        // It is no candidate any more.
        if (partition.eligible_leader_replicas) change.eligible_leader_replicas.emplace();
        if (partition.last_known_elr) change.last_known_elr.emplace();
        changes.emplace_back(std::move(change));
    };
    image.for_each_topic([&](const TopicRef& topic) {
        for (const PartitionImage& partition : topic->partitions) take(partition);
    });
    return changes;
}

std::vector<MetadataRecord> fence_broker(const ClusterImage& image, int32_t node_id) {
    const RegisterBrokerRecord* broker = image.broker(node_id);
    if (!broker) return {};
    return {BrokerRegistrationChangeRecord{
        .broker_id = node_id, .broker_epoch = broker->broker_epoch, .fenced = fences}};
}

}  // namespace broker::metadata
