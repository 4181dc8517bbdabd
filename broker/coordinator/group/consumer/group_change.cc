#include "broker/coordinator/group/consumer/group_change.h"

#include <algorithm>
#include <map>
#include <utility>

#include "broker/coordinator/group/consumer/assignor.h"
#include "broker/coordinator/group/consumer/consumer_records.h"
#include "broker/coordinator/group/consumer/reconciliation.h"
#include "broker/coordinator/group/consumer/regex_resolution.h"
#include "broker/coordinator/regular_expression.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using Kind = TimerKey::Kind;

namespace {

// A group's regular expressions are not resolved more often than that.
constexpr int64_t regex_refresh_min_ms = 10'000;
// Different ones in a group. Kafka has no limit.
constexpr size_t regex_count_max = 100;

// Who did not get the last answer comes with the epoch before, and owns no more than it was given.
bool missed_the_last_answer(const ConsumerMember& member, const GroupChange::Identity& identity) {
    if (identity.member_epoch != member.previous_member_epoch || !identity.owned) return false;
    return std::ranges::all_of(*identity.owned, [&](const auto& topic) {
        return member.assigned.contains(topic.first) &&
               std::ranges::all_of(topic.second, [&](int32_t partition) {
                   return contains(member.assigned, topic.first, partition);
               });
    });
}

std::expected<void, Refusal> validate_epoch(const ConsumerMember& member,
                                            const GroupChange::Identity& identity) {
    const int32_t epoch = identity.member_epoch;
    if (identity.is_classic || epoch == joining_epoch || epoch == member.member_epoch) return {};
    if (epoch < member.member_epoch && missed_the_last_answer(member, identity)) return {};
    return refuse(ErrorCode::fenced_member_epoch,
                  "The member's epoch is " + std::to_string(member.member_epoch) + ", not " +
                      std::to_string(epoch) + ": it has to give its partitions up and join again.");
}

}  // namespace

const std::string& preferred_assignor(const MembersView& members, const GroupConfig& config) {
    std::map<std::string_view, std::pair<size_t, const std::string*>> votes;
    for (const auto& entry : members) {
        const auto& wanted = entry.second->server_assignor;
        // What another broker offered may be none of this one's.
        if (!wanted || std::ranges::count(config.group_consumer_assignors, *wanted) == 0) continue;
        auto& [count, name] = votes[*wanted];
        ++count;
        name = &*wanted;
    }
    if (votes.empty()) return config.group_consumer_assignors.front();
    const auto most =
        std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second.first; });
    return *most->second.second;
}

// --- Who asks ----------------------------------------------------------------------------------

std::expected<ConsumerMember, Refusal> GroupChange::find_or_add(const Identity& identity) {
    return identity.instance_id ? find_static(identity) : find_dynamic(identity);
}

std::expected<ConsumerMember, Refusal> GroupChange::find_dynamic(const Identity& identity) const {
    const auto* known = group_.find_member(identity.member_id);
    if (known == nullptr && !identity.joins)
        return refuse(ErrorCode::unknown_member_id,
                      "The group has no member " + identity.member_id + ".");
    const ConsumerMember member =
        known != nullptr ? *known : ConsumerMember{.member_id = identity.member_id};
    const auto valid = validate_epoch(member, identity);
    if (!valid) return std::unexpected(valid.error());
    return member;
}

std::expected<ConsumerMember, Refusal> GroupChange::find_static(const Identity& identity) {
    const auto* current = group_.find_static(*identity.instance_id);
    if (identity.joins) {
        if (current == nullptr) {
            const auto* known = group_.find_member(identity.member_id);
            return known != nullptr ? *known : ConsumerMember{.member_id = identity.member_id};
        }
        // Only in the classic protocol a successor drives its predecessor out.
        const bool is_released = current->member_epoch == static_leaving_epoch ||
                                 identity.is_classic || current->classic;
        if (!is_released)
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

ConsumerMember GroupChange::replace(const ConsumerMember& old, const std::string& new_member_id) {
    ConsumerMember member = old;
    member.member_id = new_member_id;
    member.member_epoch = member.previous_member_epoch = joining_epoch;
    context_.timers.cancel_steps(group_.group_id(), old.member_id);
    append_member_tombstones(group_.group_id(), old.member_id, records_);
    records_.push_back(member_record(group_.group_id(), member));
    records_.push_back(target_record(group_.group_id(), new_member_id, group_.target(old)));
    records_.push_back(current_assignment_record(group_.group_id(), member));
    return member;
}

// --- What becomes of it ------------------------------------------------------------------------

std::expected<void, Refusal> GroupChange::update(const ConsumerMember& before,
                                                 const ConsumerMember& after) {
    if (after != before) records_.push_back(member_record(group_.group_id(), after));
    const bool names_changed = after.subscribed_topic_names != before.subscribed_topic_names;
    const auto regex = update_regex(before, after);
    if (!regex) return std::unexpected(regex.error());
    has_subscription_changed_ = names_changed || *regex != RegexChange::none;

    const auto& check = group_.metadata_check();
    const bool looks_again =
        check.version != context_.cluster.layout_version() || group_.epoch() < check.epoch;
    const bool moves_on =
        names_changed || *regex == RegexChange::resolved || changes_assignor(before, after);
    if (!moves_on && !looks_again) return {};
    const auto members = members_with(group_, &after);
    set_epoch(metadata_hash(members, group_.resolved_regexes(), context_.cluster), moves_on);
    group_.metadata_check() = {context_.cluster.layout_version(), epoch_};
    if (group_.has_partition_metadata())
        records_.push_back(partition_metadata_tombstone(group_.group_id()));
    return {};
}

bool GroupChange::changes_assignor(const ConsumerMember& before,
                                   const ConsumerMember& after) const {
    const bool is_known = group_.find_member(after.member_id) != nullptr;
    if (is_known && after.server_assignor == before.server_assignor) return false;
    return preferred_assignor(members_with(group_, &after), context_.config) !=
           preferred_assignor(members_with(group_, nullptr), context_.config);
}

void GroupChange::set_epoch(int64_t metadata_hash, bool moves_on) {
    if (!moves_on && metadata_hash == group_.metadata_hash()) return;
    records_.push_back(epoch_record(group_.group_id(), ++epoch_, metadata_hash));
}

std::expected<GroupChange::RegexChange, Refusal> GroupChange::update_regex(
    const ConsumerMember& before, const ConsumerMember& after) {
    const std::string& old_regex = before.subscribed_topic_regex;
    const std::string& new_regex = after.subscribed_topic_regex;
    RegexChange change = RegexChange::none;
    bool is_new = false;
    if (old_regex != new_regex) {
        change = RegexChange::unresolved;
        if (!old_regex.empty() && group_.subscriber_count(old_regex) == 1)
            records_.push_back(regex_tombstone(group_.group_id(), old_regex));
        is_new = !new_regex.empty() && group_.subscriber_count(new_regex) == 0;
        if (new_regex.empty() || (!is_new && group_.find_resolved_regex(new_regex) != nullptr))
            change = RegexChange::resolved;
    }
    if (is_new)
        if (auto valid = check_new_regex(new_regex); !valid)
            return std::unexpected(std::move(valid.error()));
    // The request that asks for it is answered before.
    if (!context_.timers.deadline_of(regex_timer()) && wants_regexes_resolved(new_regex))
        context_.timers.set(regex_timer(), context_.timers.next_turn(context_.now_ms));
    return change;
}

std::expected<void, Refusal> GroupChange::check_new_regex(const std::string& regex) const {
    std::set<std::string_view> others;
    for (const auto& [member_id, member] : group_.members())
        others.insert(member.subscribed_topic_regex);
    others.erase("");
    if (others.size() >= regex_count_max)
        return refuse(ErrorCode::invalid_regular_expression,
                      "The group has as many different regular expressions as it may have: " +
                          std::to_string(regex_count_max) + ".");
    const auto parsed = RegularExpression::parse(regex);
    if (!parsed) return refuse(ErrorCode::invalid_regular_expression, parsed.error());
    return {};
}

// Each member sees to its own; one is enough for all to be looked at again.
bool GroupChange::wants_regexes_resolved(const std::string& regex) const {
    if (regex.empty()) return false;
    const auto& resolved = group_.resolved_regexes();
    if (resolved.empty()) return true;
    const ResolvedRegex& last = resolved.begin()->second;  // all were resolved together
    const int64_t age_ms = context_.now_ms - last.timestamp_ms;
    if (age_ms <= regex_refresh_min_ms) return false;
    return !resolved.contains(regex) || last.version < context_.cluster.last_topic_version() ||
           age_ms > context_.config.group_consumer_regex_refresh_interval_ms;
}

void GroupChange::resolve_regexes() {
    auto& resolution = group_.regex_resolution();
    if (!resolution)
        resolution = std::make_shared<RegexResolution>(context_.cluster.version(), context_.now_ms);
    if (!resolution->take_turn(group_, context_.cluster))
        return context_.timers.set(regex_timer(), context_.timers.next_turn(context_.now_ms));
    const auto found = std::exchange(resolution, nullptr)->resolved();
    auto resolved = group_.resolved_regexes();
    bool moves_on = false;
    for (const auto& [regex, now] : found) {
        if (group_.subscriber_count(regex) == 0) continue;
        const auto* before = group_.find_resolved_regex(regex);
        moves_on |= before == nullptr ? !now.topics.empty() : before->topics != now.topics;
        records_.push_back(regex_record(group_.group_id(), regex, now));
        resolved.insert_or_assign(regex, now);
    }
    if (records_.empty()) return;
    const auto members = members_with(group_, nullptr);
    set_epoch(metadata_hash(members, resolved, context_.cluster), moves_on);
}

std::expected<ConsumerMember, Refusal> GroupChange::assign(
    const ConsumerMember& after, const std::optional<TopicPartitions>& owned) {
    const int64_t last_ms = group_.assignment_timestamp_ms();
    const int32_t interval_ms =
        context_.setting(group_.group_id(), "consumer.assignment.interval.ms",
                         context_.config.group_consumer_assignment_interval_ms);
    const bool is_due = last_ms == 0 || context_.now_ms >= last_ms + interval_ms;
    if (group_.assignment_epoch() >= epoch_ || !is_due) return take_step(after, owned);
    return step_to(after, owned, epoch_, compute_target(after));
}

std::expected<ConsumerMember, Refusal> GroupChange::take_step(
    const ConsumerMember& after, const std::optional<TopicPartitions>& owned) {
    return step_to(after, owned, group_.assignment_epoch(), group_.target(after));
}

TopicPartitions GroupChange::compute_target(const ConsumerMember& after) {
    const auto members = members_with(group_, &after);
    AssignmentTask task{.is_homogeneous = is_homogeneous(members)};
    for (const auto& [member_id, member] : members) {
        auto& asks = task.members[member_id];
        if (member->instance_id) asks.instance_id = *member->instance_id;
        asks.topics = subscribed_topic_ids(*member, group_.resolved_regexes(), context_.cluster);
        asks.current = &group_.target(*member);
        for (const auto& topic_id : asks.topics)
            task.partition_counts[topic_id] =
                context_.cluster.find_topic(topic_id)->partition_count;
    }
    const Assignor assignor = find_assignor(preferred_assignor(members, context_.config));
    auto assignment = assignor(task);
    for (const auto& [member_id, member] : members) {
        const auto* before = group_.find_target(*member);
        const TopicPartitions& target = assignment[member_id];
        if (before == nullptr || *before != target)
            records_.push_back(target_record(group_.group_id(), member->member_id, target));
    }
    records_.push_back(assignment_epoch_record(group_.group_id(), epoch_, context_.now_ms));
    return assignment[after.member_id];
}

std::expected<ConsumerMember, Refusal> GroupChange::step_to(
    const ConsumerMember& after, const std::optional<TopicPartitions>& owned, int32_t target_epoch,
    const TopicPartitions& target) {
    if (!has_subscription_changed_ && after.is_reconciled_to(target_epoch)) return after;
    auto next =
        reconcile(after, {.target_epoch = target_epoch,
                          .target = target,
                          .subscribed_topics = subscribed_topic_ids(
                              after, group_.resolved_regexes(), context_.cluster),
                          .has_subscription_changed = has_subscription_changed_,
                          .owned = owned,
                          .owner_epoch = [&](const protocol::Uuid& topic_id, int32_t partition) {
                              return group_.owner_epoch(topic_id, partition);
                          }});
    if (!next)
        return refuse(next.error(), "The member is in a state that is not known: it has to give "
                                    "its partitions up and join again.");
    if (*next == after) return after;
    records_.push_back(current_assignment_record(group_.group_id(), *next));
    const TimerKey timer{Kind::revocation, group_.group_id(), next->member_id};
    if (next->classic) return *next;
    if (next->state == MemberState::unrevoked_partitions)
        context_.timers.set(timer, context_.now_ms + next->rebalance_timeout_ms);
    else
        context_.timers.cancel(timer);
    return *next;
}

void GroupChange::remove(const std::vector<const ConsumerMember*>& gone) {
    auto members = members_with(group_, nullptr);
    for (const auto* member : gone) {
        // Should the log not take the records, its session ends the member later.
        context_.timers.cancel_steps(group_.group_id(), member->member_id);
        append_member_tombstones(group_.group_id(), member->member_id, records_);
        members.erase(member->member_id);
    }
    std::set<std::string_view> regexes;
    for (const auto& entry : members) regexes.insert(entry.second->subscribed_topic_regex);
    for (const auto& [regex, resolved] : group_.resolved_regexes())
        if (!regexes.contains(regex)) records_.push_back(regex_tombstone(group_.group_id(), regex));
    set_epoch(metadata_hash(members, group_.resolved_regexes(), context_.cluster), true);
    if (members.empty()) records_.push_back(assignment_epoch_record(group_.group_id(), epoch_, 0));
}

void GroupChange::leave_for_now(ConsumerMember member) {
    member.member_epoch = static_leaving_epoch;
    member.pending_revocation.clear();
    for (auto& topic : member.assigned)
        for (auto& partition : topic.second) partition.second = 0;
    records_.push_back(current_assignment_record(group_.group_id(), member));
}

}  // namespace broker::coordinator::group
