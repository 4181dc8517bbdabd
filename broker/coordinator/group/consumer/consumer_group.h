// A consumer group (KIP-848) as its records make it. Three epochs: the group's rises with whatever
// asks for another assignment, that of the target assignment follows when it has been computed, and
// each member's follows when the member has revoked what it loses.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "broker/coordinator/group/consumer/consumer_member.h"

namespace broker::coordinator::group {

class RegexResolution;

// The topics that a regular expression stood for.
struct ResolvedRegex {
    std::set<std::string, std::less<>> topics;
    int64_t version = -1;       // of the cluster's metadata
    int64_t timestamp_ms = -1;  // when it was looked at
    bool operator==(const ResolvedRegex&) const = default;
};

enum class ConsumerGroupState : uint8_t { empty, assigning, reconciling, stable };
// As Kafka spells it: "Reconciling".
std::string_view name(ConsumerGroupState state);

// Changed by replay alone, but for metadata_check() and regex_resolution().
class ConsumerGroup {
  public:
    using Members = std::map<std::string, ConsumerMember, std::less<>>;
    using ResolvedRegexes = std::map<std::string, ResolvedRegex, std::less<>>;

    explicit ConsumerGroup(std::string group_id) : group_id_(std::move(group_id)) {}
    bool operator==(const ConsumerGroup&) const = default;

    // --- Replay --------------------------------------------------------------------------------

    void set_epoch(int32_t epoch, int64_t metadata_hash);
    void set_assignment_epoch(int32_t epoch, int64_t timestamp_ms);
    // Adds or replaces. A later owner of a partition counts, whatever its epoch.
    void update_member(ConsumerMember member);
    void remove_member(std::string_view member_id);
    void set_target(const std::string& member_id, TopicPartitions target);
    void remove_target(std::string_view member_id);
    void set_resolved_regex(const std::string& regex, ResolvedRegex resolved);
    void remove_resolved_regex(std::string_view regex);
    // Brokers before 4.1 kept the partitions of subscribed topics in a record; it is removed.
    void set_has_partition_metadata(bool has) { has_partition_metadata_ = has; }

    // --- Questions -----------------------------------------------------------------------------

    const std::string& group_id() const { return group_id_; }
    int32_t epoch() const { return epoch_; }
    int64_t metadata_hash() const { return metadata_hash_; }
    int32_t assignment_epoch() const { return assignment_epoch_; }
    // When the target assignment was computed; 0: never, or the group has been empty since.
    int64_t assignment_timestamp_ms() const { return assignment_timestamp_ms_; }
    bool has_partition_metadata() const { return has_partition_metadata_; }
    ConsumerGroupState state() const;
    bool is_empty() const { return members_.empty(); }

    const Members& members() const { return members_; }
    const ConsumerMember* find_member(std::string_view member_id) const;
    // Nullptr: nobody has the instance id.
    const ConsumerMember* find_static(std::string_view instance_id) const;
    // Of a static member the one that its predecessor had. Nullptr: none was computed with it.
    const TopicPartitions* find_target(const ConsumerMember& member) const;
    // Empty: none.
    const TopicPartitions& target(const ConsumerMember& member) const;
    // The epoch of the member that has the partition, or has yet to revoke it; nullopt: nobody.
    std::optional<int32_t> owner_epoch(const protocol::Uuid& topic_id, int32_t partition) const;

    const ResolvedRegexes& resolved_regexes() const { return resolved_regexes_; }
    const ResolvedRegex* find_resolved_regex(std::string_view regex) const;
    size_t subscriber_count(std::string_view regex) const;
    size_t classic_member_count() const;
    // Whether any member asks for the topic, by name or by regular expression.
    bool is_subscribed_to(std::string_view topic) const;

    // When the subscribed topics were last compared with the metadata hash. Not of the log: after a
    // start each group looks once.
    struct MetadataCheck {
        int64_t version = -1;  // of the cluster's layout
        int32_t epoch = 0;     // that the group should have reached since
        bool operator==(const MetadataCheck&) const { return true; }
    };
    MetadataCheck& metadata_check() { return metadata_check_; }
    // Regular expressions that are being resolved. Nullptr: none; after a start it begins anew.
    std::shared_ptr<RegexResolution>& regex_resolution() { return regex_resolution_.under_way; }

  private:
    struct Resolution {
        std::shared_ptr<RegexResolution> under_way;
        bool operator==(const Resolution&) const { return true; }
    };

    void add_owner_epochs(const PartitionEpochs& owned, int32_t epoch);
    void remove_owner_epochs(const PartitionEpochs& owned, int32_t epoch);
    void forget(const ConsumerMember& member);

    std::string group_id_;
    int32_t epoch_ = 1;
    int64_t metadata_hash_ = 0;
    int32_t assignment_epoch_ = 1;
    int64_t assignment_timestamp_ms_ = 0;
    bool has_partition_metadata_ = false;
    Members members_;
    std::map<std::string, std::string, std::less<>> static_members_;  // instance id → member id
    std::map<std::string, TopicPartitions, std::less<>> targets_;     // by member id
    PartitionEpochs owner_epochs_;  // the members' epochs, not those of the partitions
    ResolvedRegexes resolved_regexes_;
    MetadataCheck metadata_check_;
    Resolution regex_resolution_;
};

using ConsumerGroups = std::map<std::string, ConsumerGroup, std::less<>>;

}  // namespace broker::coordinator::group
