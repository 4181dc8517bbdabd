// The parts of the image that einmal keeps without acting on them, and the image as records.
#include <algorithm>

#include "broker/metadata/cluster_image.h"
#include "broker/metadata/features.h"

namespace broker::metadata {

using namespace protocol;

namespace {

using Visit = std::function<void(MetadataRecord)>;

void visit_configs_of(int8_t type, const std::string& name, const config::Values& values,
                      const Visit& visit) {
    for (const auto& [key, value] : values)
        visit(ConfigRecord{
            .resource_type = type, .resource_name = name, .name = key, .value = value});
}

}  // namespace

int16_t ClusterImage::metadata_version() const {
    const auto found = features_.find(metadata_version_feature);
    return found == features_.end() ? 0 : found->second;
}

const RegisterBrokerRecord* ClusterImage::broker(int32_t id) const {
    const auto found = brokers_.find(id);
    return found == brokers_.end() ? nullptr : &found->second;
}

std::vector<int32_t> ClusterImage::broker_ids() const {
    std::vector<int32_t> ids;
    for (const auto& [id, broker] : brokers_) ids.push_back(id);
    return ids;
}

const config::Values& ClusterImage::configs(ConfigResource type, const std::string& name) const {
    static const config::Values none;
    if (type == ConfigResource::topic)
        if (const auto topic = topics_.find(name); topic != topics_.end())
            return topic->second->overrides;
    const auto found = configs_.find({static_cast<int8_t>(type), name});
    return found == configs_.end() ? none : found->second;
}

std::vector<std::string> ClusterImage::configured(ConfigResource type) const {
    std::vector<std::string> names;
    for (const auto& [resource, values] : configs_)
        if (resource.first == static_cast<int8_t>(type)) names.push_back(resource.second);
    return names;
}

void ClusterImage::apply(const RegisterBrokerRecord& record) {
    brokers_[record.broker_id] = record;
    has_new_layout_ = true;  // it has a rack
}

void ClusterImage::apply(const UnregisterBrokerRecord& record) {
    brokers_.erase(record.broker_id);
    has_new_layout_ = true;
}

void ClusterImage::apply(const BrokerRegistrationChangeRecord& change) {
    const auto found = brokers_.find(change.broker_id);
    if (found == brokers_.end()) return;
    RegisterBrokerRecord& broker = found->second;
    if (change.fenced != 0) broker.fenced = change.fenced > 0;
    if (change.in_controlled_shutdown != 0)
        broker.in_controlled_shutdown = change.in_controlled_shutdown > 0;
    if (!change.log_dirs.empty()) broker.log_dirs = change.log_dirs;
    if (change.cordoned_log_dirs) broker.cordoned_log_dirs = change.cordoned_log_dirs;
}

void ClusterImage::apply(const FenceBrokerRecord& record) {
    if (const auto found = brokers_.find(record.id); found != brokers_.end())
        found->second.fenced = true;
}

void ClusterImage::apply(const UnfenceBrokerRecord& record) {
    if (const auto found = brokers_.find(record.id); found != brokers_.end())
        found->second.fenced = false;
}

void ClusterImage::apply(const RegisterControllerRecord& record) {
    controllers_[record.controller_id] = record;
}

void ClusterImage::apply(const UnregisterControllerRecord& record) {
    controllers_.erase(record.controller_id);
}

void ClusterImage::apply(const AccessControlEntryRecord& record) { acls_[record.id] = record; }

void ClusterImage::apply(const RemoveAccessControlEntryRecord& record) { acls_.erase(record.id); }

void ClusterImage::apply(const UserScramCredentialRecord& record) {
    scram_users_[{record.name, record.mechanism}] = record;
}

void ClusterImage::apply(const RemoveUserScramCredentialRecord& record) {
    scram_users_.erase({record.name, record.mechanism});
}

void ClusterImage::apply(const DelegationTokenRecord& record) { tokens_[record.token_id] = record; }

void ClusterImage::apply(const RemoveDelegationTokenRecord& record) {
    tokens_.erase(record.token_id);
}

void ClusterImage::apply(const ClientQuotaRecord& record) {
    Quota quota(record.entity, record.key);
    // The parts of an entity have no order: user and client id name the same one as the reverse.
    std::ranges::sort(quota.first);
    if (record.remove)
        quotas_.erase(quota);
    else
        quotas_[quota] = record.value;
    quota_limits_.set(quota.first, quota.second,
                      record.remove ? std::nullopt : std::optional(record.value));
}

void ClusterImage::visit_features(const Visit& visit) const {
    const auto visit_one = [&](const std::string& name, int16_t level) {
        visit(FeatureLevelRecord{.name = name, .feature_level = level});
    };
    // It says how to read what follows.
    if (metadata_version() > 0)
        visit_one(std::string(metadata_version_feature), metadata_version());
    for (const auto& [name, level] : features_)
        if (name != metadata_version_feature) visit_one(name, level);
}

void ClusterImage::visit_topics(const Visit& visit) const {
    for (const auto& [name, topic] : topics_) {
        visit(TopicRecord{.name = name, .topic_id = topic->id});
        for (PartitionRecord partition : topic->partitions) {
            const auto drop_when_empty = [](auto& list) {
                if (list && list->empty()) list.reset();
            };
            drop_when_empty(partition.eligible_leader_replicas);
            drop_when_empty(partition.last_known_elr);
            visit(std::move(partition));
        }
    }
}

void ClusterImage::visit_configs(const Visit& visit) const {
    for (const auto& [name, topic] : topics_)
        visit_configs_of(static_cast<int8_t>(ConfigResource::topic), name, topic->overrides, visit);
    for (const auto& [resource, values] : configs_)
        visit_configs_of(resource.first, resource.second, values, visit);
}

void ClusterImage::for_each_record(const Visit& visit) const {
    const auto visit_all = [&](const auto& records) {
        for (const auto& [key, record] : records) visit(record);
    };
    visit_features(visit);
    visit_all(scram_users_);
    visit_all(controllers_);
    visit_all(brokers_);
    visit_topics(visit);
    visit_configs(visit);
    for (const auto& [quota, value] : quotas_)
        visit(ClientQuotaRecord{.entity = quota.first, .key = quota.second, .value = value});
    if (next_producer_id_ > 0)
        visit(ProducerIdsRecord{
            .broker_id = -1, .broker_epoch = -1, .next_producer_id = next_producer_id_});
    visit_all(acls_);
    visit_all(tokens_);
}

}  // namespace broker::metadata
