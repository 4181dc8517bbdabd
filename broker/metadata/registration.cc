#include "broker/metadata/registration.h"

#include <fmt/format.h>

#include <algorithm>

#include "broker/metadata/features.h"

namespace broker::metadata {

using namespace protocol;

namespace {

constexpr int8_t fences = 1, unfences = -1;
constexpr int32_t no_leader = -1;
constexpr int8_t recovered = 0;  // LeaderRecoveryState, after an unclean election (KIP-704)

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
        {.name = std::string(kraft_version_feature), .max_supported_version = kraft_version_max});
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

std::expected<std::vector<MetadataRecord>, ApiError> unregister_broker(const ClusterImage& image,
                                                                       int32_t broker_id,
                                                                       int32_t node_id) {
    const RegisterBrokerRecord* broker = image.broker(broker_id);
    if (!broker)
        return refuse(ErrorCode::broker_id_not_registered,
                      fmt::format("Broker ID {} is not currently registered", broker_id));
    if (broker_id == node_id)
        return refuse(ErrorCode::invalid_request,
                      "The broker cannot unregister itself while it is running.");
    std::vector<MetadataRecord> records;
    const auto leave = [&](const PartitionImage& partition) {
        if (!contains(partition.isr, broker_id)) return;
        PartitionChangeRecord change{.partition_id = partition.partition_id,
                                     .topic_id = partition.topic_id};
        std::ranges::copy_if(partition.isr, std::back_inserter(change.isr.emplace()),
                             [&](int32_t id) { return id != broker_id; });
        if (partition.leader == broker_id) change.leader = no_leader;
        records.emplace_back(std::move(change));
    };
    image.for_each_topic([&](const TopicRef& topic) {
        for (const PartitionImage& partition : topic->partitions) leave(partition);
    });
    records.emplace_back(
        UnregisterBrokerRecord{.broker_id = broker_id, .broker_epoch = broker->broker_epoch});
    return records;
}

std::expected<std::vector<MetadataRecord>, ApiError> unregister_controller(
    const ClusterImage& image, int32_t controller_id, int32_t node_id) {
    if (controller_id == node_id)
        return refuse(ErrorCode::invalid_request,
                      "Controller cannot unregister itself while it is active.");
    if (!image.has_controller(controller_id))
        return refuse(ErrorCode::controller_id_not_registered,
                      fmt::format("Controller ID {} is not currently registered.", controller_id));
    return std::vector<MetadataRecord>{UnregisterControllerRecord{.controller_id = controller_id}};
}

}  // namespace broker::metadata
