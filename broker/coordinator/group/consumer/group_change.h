// One change of a consumer group (KIP-848): what a heartbeat, a join or a departure makes of it, as
// records. The steps are those of Kafka, in its order; the group itself changes by replay.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator/group/cluster_view.h"
#include "broker/coordinator/group/consumer/consumer_group.h"
#include "broker/coordinator/group/consumer/subscriptions.h"
#include "broker/coordinator/group/group_config.h"
#include "broker/coordinator/group/refusal.h"
#include "broker/coordinator/group/timers.h"
#include "broker/coordinator/record.h"

namespace broker::coordinator::group {

// What a change is made with.
struct ChangeContext {
    const GroupConfig& config;
    const ClusterView& cluster;
    Timers& timers;
    int64_t now_ms = 0;

    // The group's own value of "consumer.…", else the broker's.
    int32_t setting(const std::string& group_id, std::string_view key, int32_t broker_value) const {
        return cluster.group_setting(group_id, key).value_or(broker_value);
    }
};

// What most members want, else the default.
const std::string& preferred_assignor(const MembersView& members, const GroupConfig& config);

class GroupChange {
  public:
    GroupChange(ConsumerGroup& group, const ChangeContext& context, std::vector<Record>& records)
        : group_(group), context_(context), records_(records), epoch_(group.epoch()) {}

    struct Identity {
        std::string member_id;
        std::optional<std::string> instance_id;
        int32_t member_epoch = joining_epoch;
        std::optional<TopicPartitions> owned;  // nullopt: the member does not say
        bool joins = false;
        bool is_classic = false;  // speaks the classic protocol, whose epochs are not checked here
    };
    // The member as it is, or a new one. A static member's successor takes its place.
    // Errors: unknown_member_id, fenced_member_epoch, unreleased_instance_id, fenced_instance_id.
    std::expected<ConsumerMember, Refusal> find_or_add(const Identity& identity);

    // Notes what the member has told anew, and moves the group's epoch on if that, or what there
    // is of the subscribed topics, asks for another assignment.
    // Errors: invalid_regular_expression.
    std::expected<void, Refusal> update(const ConsumerMember& before, const ConsumerMember& after);
    // Computes a target assignment if there is none for the group's epoch, and takes the member a
    // step towards its own. Errors: fenced_member_epoch.
    std::expected<ConsumerMember, Refusal> assign(const ConsumerMember& after,
                                                  const std::optional<TopicPartitions>& owned);
    // Only the step, towards the target that there is.
    std::expected<ConsumerMember, Refusal> take_step(const ConsumerMember& after,
                                                     const std::optional<TopicPartitions>& owned);
    // The members are gone; the group's epoch moves on.
    void remove(const std::vector<const ConsumerMember*>& members);
    // A static member goes and will be back: nobody else gets its partitions meanwhile.
    void leave_for_now(ConsumerMember member);
    // Looks which topics the group's regular expressions stand for: a short turn of it, and the
    // next one by the group's timer.
    void resolve_regexes();

    // The group's epoch, as far as it has got.
    int32_t epoch() const { return epoch_; }

  private:
    std::expected<ConsumerMember, Refusal> find_static(const Identity& identity);
    std::expected<ConsumerMember, Refusal> find_dynamic(const Identity& identity) const;
    ConsumerMember replace(const ConsumerMember& old, const std::string& new_member_id);

    enum class RegexChange : uint8_t { none, unresolved, resolved };
    std::expected<RegexChange, Refusal> update_regex(const ConsumerMember& before,
                                                     const ConsumerMember& after);
    std::expected<void, Refusal> check_new_regex(const std::string& regex) const;
    bool wants_regexes_resolved(const std::string& regex) const;
    TimerKey regex_timer() const { return {TimerKey::Kind::regex, group_.group_id(), ""}; }
    bool changes_assignor(const ConsumerMember& before, const ConsumerMember& after) const;
    void set_epoch(int64_t metadata_hash, bool moves_on);
    TopicPartitions compute_target(const ConsumerMember& after);
    std::expected<ConsumerMember, Refusal> step_to(const ConsumerMember& after,
                                                   const std::optional<TopicPartitions>& owned,
                                                   int32_t target_epoch,
                                                   const TopicPartitions& target);

    ConsumerGroup& group_;
    const ChangeContext& context_;
    std::vector<Record>& records_;
    int32_t epoch_;
    bool has_subscription_changed_ = false;
};

}  // namespace broker::coordinator::group
