// One change of a streams group (KIP-1071): what a heartbeat or a departure makes of it, as
// records. The steps are those of Kafka, in its order; the group itself changes by replay.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator/group/consumer/group_change.h"
#include "broker/coordinator/group/streams/streams_group.h"
#include "broker/coordinator/record.h"
#include "protocol/messages/streams_group_heartbeat.h"
#include "protocol/stored/streams_group.h"

namespace broker::coordinator::group {

// Client tags over which standby tasks are to be spread, separated by commas (KIP-1071).
inline constexpr const char* rack_aware_tags_config = "rack.aware.assignment.tags";
std::vector<std::string> tags_in(std::string_view config);

Tasks without_epochs(const OwnedTasks& owned);

class StreamsGroupChange {
  public:
    using Status = protocol::StreamsGroupHeartbeatResponse::Status;

    StreamsGroupChange(StreamsGroup& group, const ChangeContext& context,
                       std::vector<Record>& records)
        : group_(group),
          context_(context),
          records_(records),
          epoch_(group.epoch_record()),
          topology_(group.topology() ? &*group.topology() : nullptr) {}

    struct Identity {
        std::string member_id;
        std::optional<std::string> instance_id;
        int32_t member_epoch = joining_epoch;
        std::optional<Tasks> owned;  // nullopt: the member does not say
    };
    // The member as it is, or a new one. A static member's successor takes its place.
    // Errors: unknown_member_id, fenced_member_epoch, unreleased_instance_id, fenced_instance_id.
    std::expected<StreamsMember, Refusal> find_or_add(const Identity& identity);

    // What a heartbeat says of more than its member.
    struct Told {
        std::optional<protocol::StreamsGroupTopologyValue> topology;
        std::optional<Tasks> owned;
        std::optional<TaskOffsets> offsets;
        std::optional<TaskOffsets> end_offsets;
    };
    // Notes what the member has told anew, looks at what there is of the topology's topics, and
    // moves the group's epoch on if any of that asks for another assignment.
    // Errors: invalid_request, those of make_topology() and configure_topology().
    std::expected<void, Refusal> update(const StreamsMember& before, const StreamsMember& after,
                                        Told told);
    // Computes a target assignment if there is none for the group's epoch and one may be computed,
    // and takes the member a step towards its own. Errors: fenced_member_epoch.
    std::expected<StreamsMember, Refusal> assign(const StreamsMember& after,
                                                 const std::optional<Tasks>& owned);
    // The first assignment, after the group has waited for its first members.
    void assign_after_delay();

    // The member is gone; the group's epoch moves on.
    void remove(const StreamsMember& member);
    // A static member has left and will be back: its tasks wait for it as long as its session.
    void leave_for_now(StreamsMember member);

    // Of the group with this change.
    const StreamsTopology* topology() const { return topology_; }
    const ConfiguredTopology* configured() const {
        const auto& configured = group_.in_memory().configured;
        return configured ? &*configured : nullptr;
    }
    const AssignmentConfigs& assignment_configs() const { return epoch_.assignment_configs; }
    // Whose place the member has taken; "": nobody's.
    const std::string& replaced_member_id() const { return replaced_member_id_; }
    // Why the member's assignment is not what it could be; Kafka's codes, in its order.
    std::vector<Status> take_statuses() { return std::move(statuses_); }

  private:
    using Members = std::map<std::string_view, const StreamsMember*>;
    Members members_with(const StreamsMember* updated) const;
    std::expected<StreamsMember, Refusal> find_static(const Identity& identity);
    StreamsMember replace(const StreamsMember& old, const std::string& new_member_id);
    bool note_member(const StreamsMember& before, const StreamsMember& after);
    std::expected<void, Refusal> note_topology(
        std::optional<protocol::StreamsGroupTopologyValue> value);
    std::expected<bool, Refusal> look_at_topics();
    std::expected<void, Refusal> check_tasks(const std::optional<Tasks>& owned) const;
    AssignmentConfigs configs_now() const;
    void set_epoch();
    bool waits_for_first_members();
    bool may_compute() const;
    std::map<std::string_view, Tasks> compute_target(const StreamsMember* updated);
    std::expected<StreamsMember, Refusal> step_to(const StreamsMember& after,
                                                  const std::optional<Tasks>& owned,
                                                  int32_t target_epoch, const Tasks& target);
    void add_status(StreamsStatus status, std::string detail);

    StreamsGroup& group_;
    const ChangeContext& context_;
    std::vector<Record>& records_;
    StreamsGroupEpoch epoch_;
    const StreamsTopology* topology_;
    std::optional<StreamsTopology> new_topology_;
    std::vector<Status> statuses_;
    std::string replaced_member_id_;
    bool is_static_ = false;
};

}  // namespace broker::coordinator::group
