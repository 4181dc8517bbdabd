#include "broker/coordinator/group/consumer/regex_resolution.h"

#include <utility>

namespace broker::coordinator::group {

namespace {

// Of a turn: characters of topic names, times the places in the expression that each may lead to.
constexpr size_t steps_max = 500'000;

}  // namespace

bool RegexResolution::take_turn(const ConsumerGroup& group, const ClusterView& cluster) {
    if (!expression_) {
        const std::string* next = find_next(group);
        if (next == nullptr) return true;
        regex_ = *next;
        last_topic_.clear();
        resolved_[regex_] = {.version = version_, .timestamp_ms = now_ms_};
        // Another broker may have taken what is none for this one: it matches nothing.
        if (auto parsed = RegularExpression::parse(regex_)) expression_ = std::move(*parsed);
    }
    if (expression_) match(cluster);
    return !expression_ && find_next(group) == nullptr;
}

const std::string* RegexResolution::find_next(const ConsumerGroup& group) const {
    for (const auto& [member_id, member] : group.members()) {
        const std::string& regex = member.subscribed_topic_regex;
        if (!regex.empty() && !resolved_.contains(regex)) return &regex;
    }
    return nullptr;
}

void RegexResolution::match(const ClusterView& cluster) {
    auto& topics = resolved_[regex_].topics;
    size_t steps = 0;
    bool is_over = true;
    const std::string after = last_topic_;
    cluster.for_each_topic_after(after, [&](const TopicView& topic) {
        if (steps >= steps_max) {
            is_over = false;
            return false;
        }
        if (expression_->matches(topic.name)) topics.emplace(topic.name);
        last_topic_ = topic.name;
        steps += (topic.name.size() + 1) * expression_->size();
        return true;
    });
    if (is_over) expression_.reset();
}

}  // namespace broker::coordinator::group
