// A member of a consumer group (KIP-848): what it told about itself, and what it owns.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/stored/consumer_group.h"
#include "protocol/types.h"

namespace broker::coordinator::group {

using TopicPartitions = std::map<protocol::Uuid, std::set<int32_t>>;
// By partition, the epoch at which its owner got it (KIP-1251).
using PartitionEpochs = std::map<protocol::Uuid, std::map<int32_t, int32_t>>;

// How far a member is on its way to its target assignment; the numbers are those of its record.
enum class MemberState : int8_t {
    stable = 0,                 // has all that its epoch gives it
    unrevoked_partitions = 1,   // has to let go of some before it gets to the next epoch
    unreleased_partitions = 2,  // waits for others to let go
    unknown = 127,              // of a later version of Kafka
};

// In requests and records, in place of an epoch.
inline constexpr int32_t joining_epoch = 0;
inline constexpr int32_t leaving_epoch = -1;
inline constexpr int32_t static_leaving_epoch = -2;  // it will be back

struct ConsumerMember {
    // Of a member that speaks the classic protocol.
    using Classic = protocol::ConsumerGroupMemberMetadataValue::ClassicMemberMetadata;

    std::string member_id;
    int32_t member_epoch = joining_epoch;
    int32_t previous_member_epoch = -1;
    MemberState state = MemberState::stable;
    std::optional<std::string> instance_id;  // static member
    std::optional<std::string> rack_id;
    int32_t rebalance_timeout_ms = -1;
    std::string client_id;
    std::string client_host;
    std::set<std::string, std::less<>> subscribed_topic_names;
    std::string subscribed_topic_regex;  // "": none
    std::optional<std::string> server_assignor;
    std::optional<Classic> classic;
    PartitionEpochs assigned;
    PartitionEpochs pending_revocation;

    bool operator==(const ConsumerMember&) const = default;

    bool is_reconciled_to(int32_t assignment_epoch) const {
        return state == MemberState::stable && member_epoch == assignment_epoch;
    }
    void advance_to(int32_t epoch) {
        previous_member_epoch = member_epoch;
        member_epoch = epoch;
    }
};

inline bool contains(const PartitionEpochs& epochs, const protocol::Uuid& topic_id,
                     int32_t partition) {
    const auto topic = epochs.find(topic_id);
    return topic != epochs.end() && topic->second.contains(partition);
}

}  // namespace broker::coordinator::group
