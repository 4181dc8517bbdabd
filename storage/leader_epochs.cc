#include "storage/leader_epochs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "storage/checkpoints.h"

namespace storage {

bool LeaderEpochs::assign(int32_t epoch, int64_t start_offset) {
    assert(epoch >= 0 && start_offset >= 0);
    if (!entries_.empty() && entries_.back().epoch == epoch &&
        entries_.back().start_offset <= start_offset)
        return false;
    while (!entries_.empty() &&
           (entries_.back().epoch >= epoch || entries_.back().start_offset >= start_offset))
        entries_.pop_back();
    entries_.push_back({epoch, start_offset});
    return true;
}

LeaderEpochs::EpochEnd LeaderEpochs::end_offset_of(int32_t epoch, int64_t log_end_offset) const {
    if (epoch < 0 || entries_.empty() || epoch > latest()) return {};
    if (epoch == latest()) return {epoch, log_end_offset};
    const auto higher = std::ranges::upper_bound(entries_, epoch, {}, &LeaderEpochStart::epoch);
    if (higher == entries_.begin()) return {epoch, higher->start_offset};
    return {std::prev(higher)->epoch, higher->start_offset};
}

std::optional<int32_t> LeaderEpochs::epoch_of(int64_t offset) const {
    const auto after =
        std::ranges::upper_bound(entries_, offset, {}, &LeaderEpochStart::start_offset);
    if (after == entries_.begin()) return std::nullopt;
    return std::prev(after)->epoch;
}

int32_t LeaderEpochs::latest() const { return entries_.empty() ? -1 : entries_.back().epoch; }

bool LeaderEpochs::truncate_from_end(int64_t end_offset) {
    const size_t count = entries_.size();
    while (!entries_.empty() && entries_.back().start_offset >= end_offset) entries_.pop_back();
    return entries_.size() != count;
}

bool LeaderEpochs::truncate_from_start(int64_t start_offset) {
    const auto kept =
        std::ranges::upper_bound(entries_, start_offset, {}, &LeaderEpochStart::start_offset);
    if (kept == entries_.begin()) return false;
    // The epoch in which the log now starts stays known, from the new start on.
    const auto first = std::prev(kept);
    if (first == entries_.begin() && first->start_offset == start_offset) return false;
    first->start_offset = start_offset;
    entries_.erase(entries_.begin(), first);
    return true;
}

std::string LeaderEpochs::encode() const {
    std::vector<std::string> lines;
    lines.reserve(entries_.size());
    for (const auto& entry : entries_)
        lines.push_back(fmt::format("{} {}", entry.epoch, entry.start_offset));
    return encode_checkpoint(lines);
}

std::optional<LeaderEpochs> LeaderEpochs::decode(const std::string& text) {
    const auto lines = decode_checkpoint(text);
    if (!lines) return std::nullopt;
    LeaderEpochs epochs;
    for (const std::string_view line : *lines) {
        const size_t space = std::min(line.find(' '), line.size());
        const auto epoch = parse_decimal<int32_t>(line.substr(0, space));
        const auto start = parse_decimal<int64_t>(line.substr(std::min(space + 1, line.size())));
        if (!epoch || !start || *epoch < 0 || *start < 0) return std::nullopt;
        const bool rises =
            epochs.entries_.empty() ||
            (*epoch > epochs.entries_.back().epoch && *start > epochs.entries_.back().start_offset);
        if (!rises) return std::nullopt;
        epochs.entries_.push_back({*epoch, *start});
    }
    return epochs;
}

}  // namespace storage
