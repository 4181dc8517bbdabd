#include "broker/coordinator/group/streams/streams_group.h"

#include <algorithm>
#include <utility>

namespace broker::coordinator::group {

namespace {

// The entry of a task; nullptr: there is none.
template <class Processes>
auto find_task(Processes& processes, const std::string& subtopology_id, int32_t partition)
    -> decltype(&processes.begin()->second.begin()->second) {
    const auto subtopology = processes.find(subtopology_id);
    if (subtopology == processes.end()) return nullptr;
    const auto task = subtopology->second.find(partition);
    return task == subtopology->second.end() ? nullptr : &task->second;
}

template <class Processes>
void erase_task(Processes& processes, const std::string& subtopology_id, int32_t partition) {
    const auto subtopology = processes.find(subtopology_id);
    if (subtopology == processes.end()) return;
    subtopology->second.erase(partition);
    if (subtopology->second.empty()) processes.erase(subtopology);
}

void for_each_task(const TaskIds& tasks, auto visit) {
    for (const auto& [subtopology_id, partitions] : tasks)
        for (const int32_t partition : partitions) visit(subtopology_id, partition);
}

void for_each_task(const TaskEpochs& tasks, auto visit) {
    for (const auto& [subtopology_id, partitions] : tasks)
        for (const auto& entry : partitions) visit(subtopology_id, entry.first);
}

template <class Processes>
void add_replicas(const TaskIds& tasks, const std::string& process_id, Processes& processes) {
    for_each_task(tasks, [&](const std::string& subtopology_id, int32_t partition) {
        processes[subtopology_id][partition].insert(process_id);
    });
}

template <class Processes>
void remove_replicas(const TaskIds& tasks, const std::string& process_id, Processes& processes) {
    for_each_task(tasks, [&](const std::string& subtopology_id, int32_t partition) {
        auto* holders = find_task(processes, subtopology_id, partition);
        if (holders == nullptr) return;
        holders->erase(process_id);
        if (holders->empty()) erase_task(processes, subtopology_id, partition);
    });
}

}  // namespace

std::string_view name(StreamsGroupState state) {
    switch (state) {
        case StreamsGroupState::empty: return "Empty";
        case StreamsGroupState::not_ready: return "NotReady";
        case StreamsGroupState::assigning: return "Assigning";
        case StreamsGroupState::reconciling: return "Reconciling";
        case StreamsGroupState::stable: return "Stable";
    }
    return "Dead";
}

void StreamsGroup::set_assignment_epoch(int32_t epoch, int64_t timestamp_ms) {
    assignment_epoch_ = epoch;
    assignment_timestamp_ms_ = timestamp_ms;
}

void StreamsGroup::update_member(StreamsMember member) {
    if (const auto* old = find_member(member.member_id)) forget(*old);
    add_processes(member);
    if (member.instance_id) static_members_[*member.instance_id] = member.member_id;
    members_.insert_or_assign(member.member_id, std::move(member));
}

void StreamsGroup::remove_member(std::string_view member_id) {
    const auto member = members_.find(member_id);
    if (member == members_.end()) return;
    forget(member->second);
    if (const auto told = in_memory_.progress.find(member_id); told != in_memory_.progress.end())
        in_memory_.progress.erase(told);
    members_.erase(member);
    if (members_.empty()) in_memory_.shutdown_requested_by.reset();
}

void StreamsGroup::add_processes(const StreamsMember& member) {
    for (const auto* owned : {&member.assigned, &member.pending_revocation}) {
        for_each_task(owned->active, [&](const std::string& subtopology_id, int32_t partition) {
            active_processes_[subtopology_id][partition] = member.process_id;
        });
        add_replicas(owned->standby, member.process_id, standby_processes_);
        add_replicas(owned->warmup, member.process_id, warmup_processes_);
    }
}

// What has gone to another process meanwhile stays.
void StreamsGroup::forget(const StreamsMember& member) {
    for (const auto* owned : {&member.assigned, &member.pending_revocation}) {
        for_each_task(owned->active, [&](const std::string& subtopology_id, int32_t partition) {
            const auto* process = active_process(subtopology_id, partition);
            if (process != nullptr && *process == member.process_id)
                erase_task(active_processes_, subtopology_id, partition);
        });
        remove_replicas(owned->standby, member.process_id, standby_processes_);
        remove_replicas(owned->warmup, member.process_id, warmup_processes_);
    }
    if (!member.instance_id) return;
    const auto current = static_members_.find(*member.instance_id);
    if (current != static_members_.end() && current->second == member.member_id)
        static_members_.erase(current);
}

void StreamsGroup::set_target(const std::string& member_id, Tasks target) {
    targets_.insert_or_assign(member_id, std::move(target));
}

void StreamsGroup::remove_target(std::string_view member_id) {
    if (const auto target = targets_.find(member_id); target != targets_.end())
        targets_.erase(target);
}

StreamsGroupState StreamsGroup::state() const {
    if (members_.empty()) return StreamsGroupState::empty;
    if (!topology_ || topology_->epoch != epoch_.validated_topology_epoch)
        return StreamsGroupState::not_ready;
    if (epoch_.epoch > assignment_epoch_) return StreamsGroupState::assigning;
    const bool is_stable = std::ranges::all_of(members_, [&](const auto& entry) {
        return entry.second.is_reconciled_to(assignment_epoch_);
    });
    return is_stable ? StreamsGroupState::stable : StreamsGroupState::reconciling;
}

const StreamsMember* StreamsGroup::find_member(std::string_view member_id) const {
    const auto member = members_.find(member_id);
    return member == members_.end() ? nullptr : &member->second;
}

const StreamsMember* StreamsGroup::find_static(std::string_view instance_id) const {
    const auto member_id = static_members_.find(instance_id);
    return member_id == static_members_.end() ? nullptr : find_member(member_id->second);
}

const Tasks* StreamsGroup::find_target(const StreamsMember& member) const {
    const auto* current = member.instance_id ? find_static(*member.instance_id) : nullptr;
    const auto target = targets_.find(current != nullptr ? current->member_id : member.member_id);
    return target == targets_.end() ? nullptr : &target->second;
}

const std::string* StreamsGroup::active_process(const std::string& subtopology_id,
                                                int32_t partition) const {
    return find_task(active_processes_, subtopology_id, partition);
}

bool StreamsGroup::has_standby(const std::string& process_id, const std::string& subtopology_id,
                               int32_t partition) const {
    const auto* holders = find_task(standby_processes_, subtopology_id, partition);
    return holders != nullptr && holders->contains(process_id);
}

bool StreamsGroup::has_warmup(const std::string& process_id, const std::string& subtopology_id,
                              int32_t partition) const {
    const auto* holders = find_task(warmup_processes_, subtopology_id, partition);
    return holders != nullptr && holders->contains(process_id);
}

bool StreamsGroup::is_subscribed_to(std::string_view topic) const {
    return !members_.empty() && topology_ && source_topics(*topology_).contains(topic);
}

}  // namespace broker::coordinator::group
