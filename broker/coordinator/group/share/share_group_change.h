// One change of a share group (KIP-932): what a heartbeat or a departure makes of it, as records.
// The steps are those of Kafka, in its order; the group itself changes by replay.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "broker/coordinator/group/consumer/group_change.h"
#include "broker/coordinator/group/effects.h"
#include "broker/coordinator/group/share/share_group.h"
#include "broker/coordinator/record.h"

namespace broker::coordinator::group {

class ShareGroupChange {
  public:
    ShareGroupChange(ShareGroup& group, const ChangeContext& context, std::vector<Record>& records)
        : group_(group), context_(context), records_(records), epoch_(group.epoch()) {}

    // The member as it is, or a new one. Errors: unknown_member_id, fenced_member_epoch.
    std::expected<ShareMember, Refusal> find_or_add(const std::string& member_id,
                                                    int32_t member_epoch) const;
    // Notes what the member has told anew, and moves the group's epoch on if that, or what there is
    // of the subscribed topics, asks for another assignment. Then takes the member to its target.
    ShareMember update(const ShareMember& before, const ShareMember& after);
    // What `after` subscribes to and nobody has initialized yet is noted as initializing.
    std::optional<ShareStateToInitialize> initialize(const ShareMember& after);
    // The member is gone; the group's epoch moves on.
    void remove(const ShareMember& member);

  private:
    using Members = std::map<std::string_view, const ShareMember*>;
    Members members_with(const ShareMember* updated) const;
    int64_t metadata_hash(const Members& members) const;
    void update_epoch(const ShareMember& after, bool moves_on);
    TopicPartitions compute_target(const ShareMember& after);
    ShareMember assign(const ShareMember& after, bool has_subscription_changed);

    ShareGroup& group_;
    const ChangeContext& context_;
    std::vector<Record>& records_;
    int32_t epoch_;
};

}  // namespace broker::coordinator::group
