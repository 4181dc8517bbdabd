// Committed offsets, and those that wait for the end of their transaction (KIP-98, KIP-447).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "broker/coordinator/record.h"
#include "protocol/types.h"

namespace broker::coordinator::group {

struct CommittedOffset {
    int64_t offset = -1;
    int32_t leader_epoch = -1;
    std::string metadata;
    int64_t commit_timestamp = -1;
    int64_t expire_timestamp = -1;  // only from OffsetCommit v2-4 with a retention time
    protocol::Uuid topic_id;        // zero: not known
    int64_t log_offset = -1;        // of the record that committed it
    bool operator==(const CommittedOffset&) const = default;
};

// Pure state: changed by replay alone.
class OffsetStore {
  public:
    using Partitions = std::map<int32_t, CommittedOffset>;
    using Topics = std::map<std::string, Partitions, std::less<>>;

    void commit(const std::string& group_id, const TopicPartition& partition,
                CommittedOffset offset);
    // Kept aside until complete_transaction().
    void commit_pending(int64_t producer_id, const std::string& group_id,
                        const TopicPartition& partition, CommittedOffset offset);
    // A tombstone: drops what is committed and what is pending.
    void erase(const std::string& group_id, const TopicPartition& partition);
    // The later record in the log wins over the one that is visible.
    void complete_transaction(int64_t producer_id, bool commit);

    // All visible offsets of a group; nullptr if it has none.
    const Topics* of_group(std::string_view group_id) const;
    const CommittedOffset* find(std::string_view group_id, std::string_view topic,
                                int32_t partition) const;
    bool is_pending(std::string_view group_id, std::string_view topic, int32_t partition) const;
    bool has_pending(std::string_view group_id) const;

    // Each partition of the group that has a visible or a pending offset, once.
    void for_each_partition(std::string_view group_id,
                            const std::function<void(const TopicPartition&)>& visit) const;
    // Each group and partition of the topic with a visible or pending offset whose topic id is
    // `topic_id` or not known; once.
    void for_each_of_topic(
        std::string_view topic, const protocol::Uuid& topic_id,
        const std::function<void(const std::string&, const TopicPartition&)>& visit) const;

    bool operator==(const OffsetStore&) const = default;

  private:
    using PendingOffsets = std::map<std::string, Topics, std::less<>>;  // by group
    // The producers with a pending offset for a partition.
    using Producers = std::map<TopicPartition, std::set<int64_t>>;

    std::map<std::string, Topics, std::less<>> committed_;
    std::map<int64_t, PendingOffsets> pending_;
    std::map<std::string, Producers, std::less<>> pending_producers_;  // by group
};

}  // namespace broker::coordinator::group
