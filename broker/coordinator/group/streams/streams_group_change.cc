#include "broker/coordinator/group/streams/streams_group_change.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "broker/coordinator/group/streams/streams_records.h"
#include "broker/coordinator/group/streams/task_reconciliation.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using Kind = TimerKey::Kind;

namespace {

constexpr const char* standby_config = "num.standby.replicas";

bool is_part_of(const TaskIds& owned, const auto& assigned) {
    return std::ranges::all_of(owned, [&](const auto& entry) {
        return std::ranges::all_of(entry.second, [&](int32_t partition) {
            return contains(assigned, entry.first, partition);
        });
    });
}

// Who did not get the last answer comes with the epoch before, and has no more than it was given.
bool missed_the_last_answer(const StreamsMember& member,
                            const StreamsGroupChange::Identity& identity) {
    return identity.member_epoch == member.previous_member_epoch && identity.owned &&
           is_part_of(identity.owned->active, member.assigned.active) &&
           is_part_of(identity.owned->standby, member.assigned.standby) &&
           is_part_of(identity.owned->warmup, member.assigned.warmup);
}

std::expected<void, Refusal> validate_epoch(const StreamsMember& member,
                                            const StreamsGroupChange::Identity& identity) {
    const int32_t epoch = identity.member_epoch;
    if (epoch == joining_epoch || epoch == member.member_epoch) return {};
    if (epoch < member.member_epoch && missed_the_last_answer(member, identity)) return {};
    return refuse(ErrorCode::fenced_member_epoch,
                  "The member's epoch is " + std::to_string(member.member_epoch) + ", not " +
                      std::to_string(epoch) + ": it has to give its tasks up and join again.");
}

int32_t standby_count(const AssignmentConfigs& configs) {
    const auto text = configs.find(standby_config);
    int32_t count = 0;
    if (text != configs.end())
        std::from_chars(text->second.data(), text->second.data() + text->second.size(), count);
    return count;
}

// Of no member is more kept: what a client says must not fill the memory.
constexpr size_t told_offsets_max = 10'000;

// Of subtopologies that there are, and as many as one member can have tasks.
TaskOffsets bounded(TaskOffsets told, const StreamsTopology& topology) {
    size_t count = 0;
    std::erase_if(told, [&](const auto& subtopology) {
        if (!topology.subtopologies.contains(subtopology.first)) return true;
        count += subtopology.second.size();
        return count > told_offsets_max;
    });
    return told;
}

}  // namespace

Tasks without_epochs(const OwnedTasks& owned) {
    Tasks tasks{.active = {}, .standby = owned.standby, .warmup = owned.warmup};
    for (const auto& [subtopology_id, partitions] : owned.active)
        for (const auto& entry : partitions) tasks.active[subtopology_id].insert(entry.first);
    return tasks;
}

std::vector<std::string> tags_in(std::string_view config) {
    std::vector<std::string> tags;
    for (size_t at = 0; at < config.size();) {
        const size_t end = std::min(config.find(',', at), config.size());
        std::string_view tag = config.substr(at, end - at);
        while (tag.starts_with(' ')) tag.remove_prefix(1);
        while (tag.ends_with(' ')) tag.remove_suffix(1);
        if (!tag.empty()) tags.emplace_back(tag);
        at = end + 1;
    }
    return tags;
}

// --- Who asks ----------------------------------------------------------------------------------

std::expected<StreamsMember, Refusal> StreamsGroupChange::find_or_add(const Identity& identity) {
    is_static_ = identity.instance_id.has_value();
    if (is_static_) return find_static(identity);
    const auto* known = group_.find_member(identity.member_id);
    if (known == nullptr && identity.member_epoch != joining_epoch)
        return refuse(ErrorCode::unknown_member_id, "Member " + identity.member_id +
                                                        " is not a member of group " +
                                                        group_.group_id() + ".");
    if (known == nullptr) return StreamsMember{.member_id = identity.member_id};
    const auto valid = validate_epoch(*known, identity);
    if (!valid) return std::unexpected(valid.error());
    return *known;
}

std::expected<StreamsMember, Refusal> StreamsGroupChange::find_static(const Identity& identity) {
    const auto* current = group_.find_static(*identity.instance_id);
    if (identity.member_epoch == joining_epoch) {
        if (current == nullptr) {
            const auto* known = group_.find_member(identity.member_id);
            return known != nullptr ? *known : StreamsMember{.member_id = identity.member_id};
        }
        if (current->member_epoch != static_leaving_epoch)
            return refuse(ErrorCode::unreleased_instance_id,
                          "The instance id " + *identity.instance_id + " is that of the member " +
                              current->member_id + ", which has not left.");
        return replace(*current, identity.member_id);
    }
    if (current == nullptr)
        return refuse(ErrorCode::unknown_member_id,
                      "The group has no instance id " + *identity.instance_id + ".");
    if (current->member_id != identity.member_id)
        return refuse(ErrorCode::fenced_instance_id, "The instance id " + *identity.instance_id +
                                                         " has gone to the member " +
                                                         current->member_id + ".");
    const auto valid = validate_epoch(*current, identity);
    if (!valid) return std::unexpected(valid.error());
    return *current;
}

StreamsMember StreamsGroupChange::replace(const StreamsMember& old,
                                          const std::string& new_member_id) {
    StreamsMember member = old;
    member.member_id = new_member_id;
    member.member_epoch = member.previous_member_epoch = joining_epoch;
    replaced_member_id_ = old.member_id;
    const auto* target = group_.find_target(old);
    context_.timers.cancel({Kind::streams_revocation, group_.group_id(), old.member_id});
    append_streams_member_tombstones(group_.group_id(), old.member_id, records_);
    records_.push_back(streams_member_record(group_.group_id(), member));
    records_.push_back(streams_target_record(group_.group_id(), new_member_id,
                                             target != nullptr ? *target : Tasks{}));
    records_.push_back(streams_current_assignment_record(group_.group_id(), member));
    return member;
}

// --- What becomes of it ------------------------------------------------------------------------

std::expected<void, Refusal> StreamsGroupChange::update(const StreamsMember& before,
                                                        const StreamsMember& after, Told told) {
    bool moves_on = note_member(before, after);
    const auto known = note_topology(std::move(told.topology));
    if (!known) return std::unexpected(known.error());
    if (group_.topology() && after.topology_epoch < group_.topology()->epoch)
        add_status(StreamsStatus::stale_topology,
                   "The member's topology epoch " + std::to_string(after.topology_epoch) +
                       " is behind the group's topology epoch " +
                       std::to_string(group_.topology()->epoch) + ".");
    const auto changed = look_at_topics();
    if (!changed) return std::unexpected(changed.error());
    epoch_.validated_topology_epoch = configured()->is_ready() ? topology_->epoch : -1;
    const auto valid = check_tasks(told.owned);
    if (!valid) return std::unexpected(valid.error());

    auto& memory = group_.in_memory();
    if (told.offsets)
        memory.progress[after.member_id].offsets = bounded(std::move(*told.offsets), *topology_);
    if (told.end_offsets)
        memory.progress[after.member_id].end_offsets =
            bounded(std::move(*told.end_offsets), *topology_);
    epoch_.assignment_configs = configs_now();
    const StreamsGroupEpoch& last = group_.epoch_record();
    moves_on |= *changed || epoch_.validated_topology_epoch != last.validated_topology_epoch ||
                epoch_.assignment_configs != last.assignment_configs;
    if (moves_on) set_epoch();
    memory.checked_version = context_.cluster.version();
    memory.checked_epoch = epoch_.epoch;
    return {};
}

// Whether it asks for another assignment.
bool StreamsGroupChange::note_member(const StreamsMember& before, const StreamsMember& after) {
    if (after == before) return false;
    records_.push_back(streams_member_record(group_.group_id(), after));
    return !is_static_ || after.topology_epoch != before.topology_epoch ||
           after.rack_id != before.rack_id || after.client_tags != before.client_tags ||
           after.process_id != before.process_id;
}

std::expected<void, Refusal> StreamsGroupChange::note_topology(
    std::optional<protocol::StreamsGroupTopologyValue> value) {
    if (!value) {
        if (topology_ != nullptr) return {};
        return refuse(ErrorCode::unknown_server_error, "The group has no topology.");
    }
    auto record = topology_ == nullptr
                      ? std::optional(streams_topology_record(group_.group_id(), *value))
                      : std::nullopt;
    auto told = make_topology(std::move(*value));
    if (!told) return std::unexpected(told.error());
    if (record) {
        records_.push_back(std::move(*record));
        topology_ = &new_topology_.emplace(std::move(*told));
        return {};
    }
    // An instance of an older version of the application joins, and is told so.
    if (topology_->epoch > told->epoch || *topology_ == *told) return {};
    return refuse(ErrorCode::invalid_request, "Topology updates are not supported yet.");
}

// Whether they have changed.
std::expected<bool, Refusal> StreamsGroupChange::look_at_topics() {
    auto& memory = group_.in_memory();
    const bool looks_again = new_topology_ || !memory.configured ||
                             memory.checked_version != context_.cluster.version() ||
                             group_.epoch() < memory.checked_epoch;
    if (!looks_again) return false;
    epoch_.metadata_hash = metadata_hash(required_topics(*topology_), context_.cluster);
    const bool has_changed = epoch_.metadata_hash != group_.epoch_record().metadata_hash;
    if (!has_changed && !new_topology_ && memory.configured) return false;
    auto configured = configure_topology(*topology_, epoch_.metadata_hash, context_.cluster);
    if (!configured) return std::unexpected(configured.error());
    memory.configured = std::move(*configured);
    return has_changed;
}

std::expected<void, Refusal> StreamsGroupChange::check_tasks(
    const std::optional<Tasks>& owned) const {
    if (!owned || !configured()->is_ready()) return {};
    const auto& subtopologies = *configured()->subtopologies;
    for (const auto* tasks : {&owned->active, &owned->standby, &owned->warmup}) {
        for (const auto& [subtopology_id, partitions] : *tasks) {
            const auto known = subtopologies.find(subtopology_id);
            if (known == subtopologies.end())
                return refuse(ErrorCode::invalid_request,
                              "Subtopology " + subtopology_id + " does not exist in the topology.");
            const int32_t count = known->second.task_count;
            for (const int32_t partition : partitions)
                if (partition < 0 || partition >= count)
                    return refuse(ErrorCode::invalid_request,
                                  "Task " + std::to_string(partition) + " for subtopology " +
                                      subtopology_id +
                                      " is invalid. Number of tasks for this subtopology: " +
                                      std::to_string(count));
        }
    }
    return {};
}

AssignmentConfigs StreamsGroupChange::configs_now() const {
    const std::string& group_id = group_.group_id();
    AssignmentConfigs configs;
    configs[standby_config] =
        std::to_string(context_.setting(group_id, "streams.num.standby.replicas",
                                        context_.config.group_streams_num_standby_replicas));
    std::string joined;
    for (const std::string& tag :
         tags_in(context_.cluster.group_text(group_id, "streams.rack.aware.assignment.tags")
                     .value_or(context_.config.group_streams_rack_aware_assignment_tags)))
        joined += (joined.empty() ? "" : ",") + tag;
    if (!joined.empty()) configs[rack_aware_tags_config] = std::move(joined);
    return configs;
}

void StreamsGroupChange::set_epoch() {
    ++epoch_.epoch;
    records_.push_back(streams_epoch_record(group_.group_id(), epoch_));
}

void StreamsGroupChange::add_status(StreamsStatus status, std::string detail) {
    statuses_.push_back({static_cast<int8_t>(status), std::move(detail)});
}

// --- Who is to do what -------------------------------------------------------------------------

StreamsGroupChange::Members StreamsGroupChange::members_with(const StreamsMember* updated) const {
    Members members;
    for (const auto& [member_id, member] : group_.members()) members.emplace(member_id, &member);
    if (updated == nullptr) return members;
    if (updated->instance_id)
        if (const auto* old = group_.find_static(*updated->instance_id))
            members.erase(old->member_id);
    members.insert_or_assign(updated->member_id, updated);
    return members;
}

// A new group waits, so that not the first of many members gets everything.
bool StreamsGroupChange::waits_for_first_members() {
    const TimerKey timer{Kind::streams_first_assignment, group_.group_id(), ""};
    const int32_t delay_ms =
        context_.setting(group_.group_id(), "streams.initial.rebalance.delay.ms",
                         context_.config.group_streams_initial_rebalance_delay_ms);
    const bool is_set = context_.timers.deadline_of(timer).has_value();
    if (!is_set && group_.is_empty() && delay_ms > 0) {
        context_.timers.set(timer, context_.now_ms + delay_ms);
        return true;
    }
    return is_set;
}

bool StreamsGroupChange::may_compute() const {
    const int64_t last_ms = group_.assignment_timestamp_ms();
    const int32_t interval_ms =
        context_.setting(group_.group_id(), "streams.assignment.interval.ms",
                         context_.config.group_streams_assignment_interval_ms);
    return last_ms == 0 || interval_ms == 0 || context_.now_ms >= last_ms + interval_ms;
}

std::expected<StreamsMember, Refusal> StreamsGroupChange::assign(
    const StreamsMember& after, const std::optional<Tasks>& owned) {
    static const Tasks nothing;
    if (waits_for_first_members()) {
        add_status(StreamsStatus::assignment_delayed,
                   "Assignment delayed due to the configured initial rebalance delay.");
        return step_to(after, owned, group_.assignment_epoch(), nothing);
    }
    const bool is_new = group_.assignment_epoch() < epoch_.epoch;
    if (is_new && may_compute())
        return step_to(after, owned, epoch_.epoch, compute_target(&after)[after.member_id]);
    if (is_new)
        add_status(StreamsStatus::assignment_delayed,
                   "Assignment delayed due to the configured assignment interval.");
    const auto* target = group_.find_target(after);
    return step_to(after, owned, group_.assignment_epoch(), target != nullptr ? *target : nothing);
}

void StreamsGroupChange::assign_after_delay() {
    const bool is_wanted = !group_.is_empty() && group_.assignment_epoch() < epoch_.epoch;
    if (is_wanted && configured() != nullptr && may_compute()) (void)compute_target(nullptr);
}

std::map<std::string_view, Tasks> StreamsGroupChange::compute_target(const StreamsMember* updated) {
    const auto members = members_with(updated);
    TaskAssignorInput input{.num_standby_replicas = standby_count(epoch_.assignment_configs)};
    std::map<std::string_view, Tasks> owned;
    const auto& progress = group_.in_memory().progress;
    for (const auto& [member_id, member] : members) {
        const auto told = progress.find(member_id);
        input.members[member_id] = {
            .process_id = member->process_id,
            .current = &(owned[member_id] = without_epochs(member->assigned)),
            .offsets = told == progress.end() ? nullptr : &told->second.offsets};
    }
    if (configured()->is_ready())
        for (const auto& [id, subtopology] : *configured()->subtopologies)
            input.subtopologies[id] = {.task_count = subtopology.task_count,
                                       .is_stateful = subtopology.is_stateful()};
    const auto name = context_.cluster.group_text(group_.group_id(), "streams.assignor.name");
    const auto assignor = find_task_assignor(name.value_or(""));
    auto targets = assignor != nullptr ? assignor(input) : assign_stickily(input);
    for (const auto& [member_id, member] : members) {
        const auto* before = group_.find_target(*member);
        const Tasks& target = targets[member_id];
        if (before == nullptr || *before != target)
            records_.push_back(streams_target_record(group_.group_id(), member->member_id, target));
    }
    records_.push_back(
        streams_assignment_epoch_record(group_.group_id(), epoch_.epoch, context_.now_ms));
    return targets;
}

std::expected<StreamsMember, Refusal> StreamsGroupChange::step_to(const StreamsMember& after,
                                                                  const std::optional<Tasks>& owned,
                                                                  int32_t target_epoch,
                                                                  const Tasks& target) {
    if (after.is_reconciled_to(target_epoch)) return after;
    const std::string& process = after.process_id;
    auto next = reconcile_tasks(
        after, {.target_epoch = target_epoch,
                .target = target,
                .owned = owned,
                .active_process = [&](const auto& id,
                                      int32_t partition) -> std::optional<std::string_view> {
                    const auto* holder = group_.active_process(id, partition);
                    return holder == nullptr ? std::nullopt
                                             : std::optional<std::string_view>(*holder);
                },
                .has_standby =
                    [&](const auto& id, int32_t partition) {
                        return group_.has_standby(process, id, partition);
                    },
                .has_warmup =
                    [&](const auto& id, int32_t partition) {
                        return group_.has_warmup(process, id, partition);
                    }});
    if (!next)
        return refuse(next.error(), "The member is in a state that is not known: it has to give "
                                    "its tasks up and join again.");
    if (*next == after) return after;
    records_.push_back(streams_current_assignment_record(group_.group_id(), *next));
    const TimerKey timer{Kind::streams_revocation, group_.group_id(), next->member_id};
    if (next->state == MemberState::unrevoked_partitions)
        context_.timers.set(timer, context_.now_ms + next->rebalance_timeout_ms);
    else
        context_.timers.cancel(timer);
    return *next;
}

// --- Who goes ----------------------------------------------------------------------------------

void StreamsGroupChange::remove(const StreamsMember& member) {
    // Should the log not take the records, its session ends the member later.
    context_.timers.cancel({Kind::streams_revocation, group_.group_id(), member.member_id});
    append_streams_member_tombstones(group_.group_id(), member.member_id, records_);
    set_epoch();
    if (group_.members().size() == 1)
        records_.push_back(streams_assignment_epoch_record(group_.group_id(), epoch_.epoch, 0));
}

void StreamsGroupChange::leave_for_now(StreamsMember member) {
    member.member_epoch = static_leaving_epoch;
    member.pending_revocation = {};
    for (auto& subtopology : member.assigned.active)
        for (auto& partition : subtopology.second) partition.second = 0;
    records_.push_back(streams_current_assignment_record(group_.group_id(), member));
}

}  // namespace broker::coordinator::group
