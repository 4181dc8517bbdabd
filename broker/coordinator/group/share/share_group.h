// A share group (KIP-932) as its records make it: who is a member, which partitions each of them is
// to fetch from, and of which partitions the share coordinator keeps the group's state. Members
// share partitions, so that there is nothing to revoke before others get it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "broker/coordinator/group/consumer/consumer_member.h"

namespace broker::coordinator::group {

struct ShareMember {
    std::string member_id;
    int32_t member_epoch = joining_epoch;
    int32_t previous_member_epoch = -1;
    std::optional<std::string> rack_id;
    std::string client_id;
    std::string client_host;
    std::set<std::string, std::less<>> subscribed_topic_names;
    TopicPartitions assigned;

    bool operator==(const ShareMember&) const = default;
};

// Of which partitions there is state (or is about to be, or not any more) at the share coordinator.
struct ShareStatePartitions {
    struct Topic {
        std::string name;
        std::set<int32_t> partitions;
        bool operator==(const Topic&) const = default;
    };
    using Topics = std::map<protocol::Uuid, Topic>;
    Topics initializing;
    Topics initialized;
    std::map<protocol::Uuid, std::string> deleting;  // with the topic's name

    bool empty() const { return initializing.empty() && initialized.empty() && deleting.empty(); }
    bool operator==(const ShareStatePartitions&) const = default;
};

// Adds what is in `more`.
void add_topics(ShareStatePartitions::Topics& topics, const ShareStatePartitions::Topics& more);
// Takes out what is in `less`, and topics that are left without partitions.
void remove_topics(ShareStatePartitions::Topics& topics, const TopicPartitions& less);
TopicPartitions partitions_of(const ShareStatePartitions::Topics& topics);

// Changed by replay alone, but for in_memory().
class ShareGroup {
  public:
    using Members = std::map<std::string, ShareMember, std::less<>>;

    explicit ShareGroup(std::string group_id) : group_id_(std::move(group_id)) {}
    bool operator==(const ShareGroup&) const = default;

    // --- Replay --------------------------------------------------------------------------------

    void set_epoch(int32_t epoch, int64_t metadata_hash);
    void set_assignment_epoch(int32_t epoch, int64_t timestamp_ms);
    // Adds or replaces.
    void update_member(ShareMember member);
    void remove_member(std::string_view member_id);
    void set_target(const std::string& member_id, TopicPartitions target);
    void remove_target(std::string_view member_id);
    void set_state_partitions(ShareStatePartitions partitions);

    // --- Questions -----------------------------------------------------------------------------

    const std::string& group_id() const { return group_id_; }
    bool is_empty() const { return members_.empty(); }
    // "Empty" or "Stable".
    std::string_view state_name() const { return is_empty() ? "Empty" : "Stable"; }
    int32_t epoch() const { return epoch_; }
    int64_t metadata_hash() const { return metadata_hash_; }
    int32_t assignment_epoch() const { return assignment_epoch_; }
    // When the target assignment was computed; 0: it may be again at any time.
    int64_t assignment_timestamp_ms() const { return assignment_timestamp_ms_; }
    const Members& members() const { return members_; }
    const ShareMember* find_member(std::string_view member_id) const;
    // Nullptr: none was computed with the member.
    const TopicPartitions* find_target(std::string_view member_id) const;
    const ShareStatePartitions& state_partitions() const { return state_partitions_; }
    // Partitions have become ready to be consumed that nobody is to fetch from yet. Looked at anew
    // only after what it follows from has changed.
    bool has_unassigned_partitions();

    // Of memory alone: after a start each group looks once.
    struct InMemory {
        int64_t checked_version = -1;  // of the layout, when topics were last compared
        int32_t checked_epoch = 0;     // that the group should have reached since
        // Of the layout, where all that members subscribe to was found initialized.
        std::optional<int64_t> initialized_version;
        std::optional<bool> has_unassigned_partitions;
        // When the initializing partitions were last given to the share coordinator.
        std::optional<int64_t> initializing_since_ms;
        bool operator==(const InMemory&) const { return true; }
    };
    InMemory& in_memory() { return in_memory_; }

  private:
    bool look_for_unassigned_partitions() const;

    std::string group_id_;
    int32_t epoch_ = 1;
    int64_t metadata_hash_ = 0;
    int32_t assignment_epoch_ = 1;
    int64_t assignment_timestamp_ms_ = 0;
    Members members_;
    std::map<std::string, TopicPartitions, std::less<>> targets_;  // by member id
    ShareStatePartitions state_partitions_;
    InMemory in_memory_;
};

using ShareGroups = std::map<std::string, ShareGroup, std::less<>>;

}  // namespace broker::coordinator::group
