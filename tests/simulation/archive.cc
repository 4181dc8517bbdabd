#include "tests/simulation/archive.h"

#include <fmt/format.h>

#include "tests/simulation/dice.h"

namespace simulation {

int64_t Account::bytes_from(int64_t offset) const {
    int64_t bytes = bytes_sent_;  // at most: nobody knows where they are
    for (auto batch = batches_.lower_bound(offset); batch != batches_.end(); ++batch)
        bytes += batch->second.bytes;
    return bytes;
}

bool Account::may_begin_at(int64_t start, int64_t now_ms) const {
    const int64_t kept_from = std::max(start_max_, asked_start_);
    return asked_for_all_ || std::ranges::all_of(batches_, [&](const auto& entry) {
               const Batch& batch = entry.second;
               if (batch.base_offset < kept_from || batch.base_offset >= start) return true;
               if (plan_.retention_ms >= 0 && now_ms - batch.timestamp > plan_.retention_ms)
                   return true;
               return plan_.retention_bytes >= 0 &&
                      bytes_from(batch.next_offset()) >= plan_.retention_bytes;
           });
}

void Account::tell_start(int64_t at_least, int64_t start, int64_t now_ms) {
    require(start >= at_least, fmt::format("{}: the log start offset went back from {} to {}",
                                           name(), at_least, start));
    if (start <= start_) return;
    require(may_begin_at(start, now_ms),
            fmt::format("{} begins at {}, which nothing allows", name(), start));
    start_ = start;
    start_max_ = std::max(start_max_, start);
    told_starts_[now_ms] = start;
}

void Account::tell_end(int64_t at_least, int64_t end) const {
    require(end >= at_least,
            fmt::format("{} ends at {}, and there were records up to {}", name(), end, at_least));
}

void Account::see(const Batch& batch, bool may_be_twice) {
    for (int64_t offset = batch.base_offset; const Entry& entry : batch.entries) {
        const auto [known, is_new] = entries_.try_emplace(offset, entry);
        require(
            known->second == entry,
            fmt::format(
                "{}: offset {} was given to entry {} of writer " "{}, and to entry {} of writer {}",
                name(), offset, known->second.number, known->second.writer, entry.number,
                entry.writer));
        require(!is_new || known_.insert(entry).second || may_be_twice,
                fmt::format("{}: entry {} of writer {} is there twice, the second time at {}",
                            name(), entry.number, entry.writer, offset));
        ++offset;
    }
    batches_.try_emplace(batch.base_offset, batch);
    end_ = std::max(end_, batch.next_offset());
}

void Account::end_life(int64_t told_until_ms) {
    for (const auto& [at_ms, start] : told_starts_)
        if (at_ms <= told_until_ms) start_for_good_ = std::max(start_for_good_, start);
    told_starts_.clear();
    start_ = start_for_good_;
}

Topic& Archive::add(const TopicPlan& plan, const protocol::Uuid& id) {
    auto& topic = topics_.emplace_back(std::make_unique<Topic>(plan, id));
    for (int32_t index = 0; index < plan.partition_count; ++index)
        topic->partitions.push_back(std::make_unique<Account>(plan, id, index));
    return *topic;
}

Topic* Archive::find(const std::string& name) const {
    for (const auto& topic : topics_)
        if (topic->plan.name == name && !topic->is_leaving) return topic.get();
    return nullptr;
}

Topic& Archive::topic_of(const Account& account) const {
    const auto found = std::ranges::find_if(
        topics_, [&](const auto& topic) { return topic->id == account.topic_id(); });
    return **found;
}

std::vector<Account*> Archive::accounts() const {
    std::vector<Account*> accounts;
    for (const auto& topic : topics_)
        for (const auto& account : topic->partitions)
            if (!topic->is_leaving) accounts.push_back(account.get());
    return accounts;
}

}  // namespace simulation
