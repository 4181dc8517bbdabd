#include "tests/broker/coordinator/group/group_shell.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace tests {

using group::Effects;
using group::GroupCoordinator;
using group::Reply;

namespace {

std::optional<group::TopicView> view_of(const auto& topics, auto found) {
    if (found == topics.end()) return std::nullopt;
    return group::TopicView{found->second.id, found->first, found->second.partition_count};
}

}  // namespace

void TestCluster::set_topic(const std::string& name, int32_t partition_count) {
    layout_version_ = ++version_;
    auto [topic, is_new] = topics_.try_emplace(name);
    topic->second.partition_count = partition_count;
    if (!is_new) return;
    last_topic_version_ = version_;
    topic->second.id.bytes[0] = std::byte{0x70};
    topic->second.id.bytes[15] = static_cast<std::byte>(version_);
}

void TestCluster::delete_topic(const std::string& name) {
    layout_version_ = ++version_;
    topics_.erase(name);
}

void TestCluster::set_group_setting(const std::string& group_id, const std::string& key,
                                    int32_t value) {
    ++version_;
    settings_[{group_id, key}] = value;
}

void TestCluster::set_group_text(const std::string& group_id, const std::string& key,
                                 std::string value) {
    ++version_;
    texts_[{group_id, key}] = std::move(value);
}

std::optional<group::TopicView> TestCluster::find_topic(std::string_view name) const {
    ++lookup_count_;
    return view_of(topics_, topics_.find(name));
}

std::optional<group::TopicView> TestCluster::find_topic(const protocol::Uuid& id) const {
    ++lookup_count_;
    return view_of(topics_, std::ranges::find_if(
                                topics_, [&](const auto& topic) { return topic.second.id == id; }));
}

void TestCluster::for_each_topic_after(
    std::string_view name, const std::function<bool(const group::TopicView&)>& visit) const {
    for (auto topic = topics_.upper_bound(name); topic != topics_.end(); ++topic)
        if (!visit(*view_of(topics_, topic))) return;
}

std::optional<int32_t> TestCluster::group_setting(std::string_view group_id,
                                                  std::string_view key) const {
    const auto value = settings_.find({std::string(group_id), std::string(key)});
    return value == settings_.end() ? std::nullopt : std::optional(value->second);
}

std::optional<std::string> TestCluster::group_text(std::string_view group_id,
                                                   std::string_view key) const {
    const auto value = texts_.find({std::string(group_id), std::string(key)});
    return value == texts_.end() ? std::nullopt : std::optional(value->second);
}

GroupShell::GroupShell(const group::GroupConfig& config) : config_(config) { restart(); }

group::Caller GroupShell::caller(group::Token token, int16_t version) {
    return {.token = token,
            .version = version,
            .client_id = "client",
            .client_host = "/127.0.0.1",
            .now_ms = now_ms_};
}

protocol::Uuid GroupShell::make_uuid() {
    protocol::Uuid uuid;
    uint64_t rest = ++uuids_;
    for (size_t i = uuid.bytes.size(); rest != 0; rest >>= 8) {
        uuid.bytes[--i] = static_cast<std::byte>(rest & 0xff);
    }
    return uuid;
}

void GroupShell::apply(Effects effects) {
    if (failure_ && !effects.records.empty()) {
        const auto error = *std::exchange(failure_, std::nullopt);
        auto replies = coordinator_->fail(std::move(effects), error, now_ms_);
        std::move(replies.begin(), replies.end(), std::back_inserter(replies_));
        return;
    }
    if (crash_after_ && !effects.records.empty()) {
        const size_t kept =
            std::min(*std::exchange(crash_after_, std::nullopt), effects.records.size());
        for (size_t i = 0; i < kept; ++i) {
            log_.push_back({std::move(effects.records[i]), effects.producer_id, std::nullopt});
        }
        ++crash_count_;
        return restart();
    }
    for (auto& record : effects.records) {
        log_.push_back({std::move(record), effects.producer_id, std::nullopt});
        replay(*coordinator_, log_.back(), static_cast<int64_t>(log_.size()) - 1);
    }
    coordinator_->appended(effects, now_ms_);
    std::move(effects.replies.begin(), effects.replies.end(), std::back_inserter(replies_));
}

void GroupShell::end_transaction(int64_t producer_id, bool commit) {
    log_.push_back({{}, producer_id, commit});
    replay(*coordinator_, log_.back(), static_cast<int64_t>(log_.size()) - 1);
}

void GroupShell::wait(int64_t ms) {
    const int64_t until = now_ms_ + ms;
    while (true) {
        const auto deadline = coordinator_->next_deadline();
        if (!deadline || *deadline > until) break;
        now_ms_ = std::max(now_ms_, *deadline);
        apply(coordinator_->on_time(now_ms_));
    }
    now_ms_ = until;
}

void GroupShell::restart() {
    replies_.clear();
    coordinator_ = reloaded();
    coordinator_->loaded(now_ms_);
}

GroupCoordinator GroupShell::reloaded() const {
    GroupCoordinator coordinator(config_, cluster_);
    int64_t log_offset = 0;
    for (const Entry& entry : log_) replay(coordinator, entry, log_offset++);
    return coordinator;
}

void GroupShell::replay(GroupCoordinator& coordinator, const Entry& entry,
                        int64_t log_offset) const {
    if (entry.commits) {
        coordinator.complete_transaction(entry.producer_id, *entry.commits);
        return;
    }
    std::optional<protocol::Bytes> value;
    if (entry.record.value) value = *entry.record.value;
    const auto replayed =
        coordinator.replay(entry.record.key, value, entry.producer_id, log_offset);
    assert(replayed);
}

}  // namespace tests
