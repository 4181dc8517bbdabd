#include "broker/coordinator/share/share_coordinator.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace broker::coordinator::share {

using protocol::ErrorCode;

namespace {

std::unexpected<Refusal> refuse(ErrorCode error, std::string message = {}) {
    return std::unexpected(Refusal{error, std::move(message)});
}

std::unexpected<Refusal> refuse_negative(std::string_view what) {
    return refuse(ErrorCode::invalid_request,
                  "The " + std::string(what) + " cannot be a negative number.");
}

// Of a state and a write to it together. No more records of a partition can be in flight than a
// fifth of it; both together never make a record that could not be read.
constexpr size_t state_batch_count_max = 50'000;

bool is_sound(const StateBatch& batch) {
    return batch.first_offset >= 0 && batch.first_offset <= batch.last_offset &&
           batch.last_offset < std::numeric_limits<int64_t>::max() && batch.delivery_count >= 0 &&
           batch.delivery_state >= DeliveryState::available &&
           batch.delivery_state <= DeliveryState::archived;
}

}  // namespace

std::expected<void, ErrorCode> ShareCoordinator::replay(protocol::Bytes key,
                                                        std::optional<protocol::Bytes> value,
                                                        int64_t offset) {
    end_offset_ = offset + 1;
    auto record = read_record(key, value);
    if (!record) return std::unexpected(ErrorCode::corrupt_message);
    if (record->snapshot) {
        replay_snapshot(entries_[record->key], std::move(*record->snapshot), offset);
    } else if (record->update) {
        const auto [found, is_new] = entries_.try_emplace(record->key);
        // An update without its snapshot counts from where it stands, as in Kafka.
        if (is_new) {
            found->second.snapshot_offset = offset;
            found->second.state.state_epoch = -1;
        }
        replay_update(found->second, *record->update);
    } else {
        entries_.erase(record->key);
    }
    return {};
}

void ShareCoordinator::replay_snapshot(Entry& entry, ShareState state, int64_t offset) {
    entry.state_epoch_max = std::max(entry.state_epoch_max, state.state_epoch);
    entry.leader_epoch_max = std::max(entry.leader_epoch_max, state.leader_epoch);
    entry.state = std::move(state);
    entry.update_count = 0;
    entry.snapshot_offset = offset;
}

void ShareCoordinator::replay_update(Entry& entry, const ShareUpdate& update) {
    ShareState& state = entry.state;
    entry.leader_epoch_max = std::max(entry.leader_epoch_max, update.leader_epoch);
    if (update.start_offset != uninitialized_start_offset) state.start_offset = update.start_offset;
    if (update.leader_epoch != -1) state.leader_epoch = update.leader_epoch;
    state.delivery_complete_count = update.delivery_complete_count;
    state.batches = combine(state.batches, update.batches, state.start_offset);
    ++entry.update_count;
}

const ShareCoordinator::Entry* ShareCoordinator::find(const SharePartitionKey& key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

ShareCoordinator::Decision ShareCoordinator::initialize(const SharePartitionKey& key,
                                                        int32_t state_epoch, int64_t start_offset,
                                                        const Caller& caller) const {
    if (key.partition < 0) return refuse_negative("partition id");
    if (state_epoch < 0) return refuse_negative("state epoch");
    const Entry* entry = find(key);
    if (entry && entry->state_epoch_max > state_epoch) return refuse(ErrorCode::fenced_state_epoch);
    if (!caller.partition_exists) return refuse(ErrorCode::unknown_topic_or_partition);
    const ShareState state{
        .snapshot_epoch = entry ? entry->state.snapshot_epoch + 1 : 0,
        .state_epoch = state_epoch,
        .start_offset = start_offset,
        .delivery_complete_count = start_offset == uninitialized_start_offset ? -1 : 0,
        .created_ms = caller.now_ms,
        .written_ms = caller.now_ms};
    return std::vector{snapshot_record(key, state)};
}

ShareCoordinator::Decision ShareCoordinator::write(const SharePartitionKey& key, const Write& write,
                                                   const Caller& caller) const {
    if (key.partition < 0) return refuse_negative("partition id");
    if (write.leader_epoch < 0) return refuse_negative("leader epoch");
    if (write.state_epoch < 0) return refuse_negative("state epoch");
    if (!std::ranges::all_of(write.batches, is_sound))
        return refuse(ErrorCode::invalid_request, "A state batch has no sound range or state.");
    const Entry* entry = find(key);
    if (!entry)
        return refuse(ErrorCode::invalid_request,
                      "Write operation on uninitialized share partition not allowed.");
    if (entry->leader_epoch_max > write.leader_epoch) return refuse(ErrorCode::fenced_leader_epoch);
    if (entry->state_epoch_max > write.state_epoch) return refuse(ErrorCode::fenced_state_epoch);
    if (!caller.partition_exists) return refuse(ErrorCode::unknown_topic_or_partition);
    if (entry->state.batches.size() + write.batches.size() > state_batch_count_max)
        return refuse(ErrorCode::invalid_request, "There are too many state batches.");
    Write accepted = write;
    accepted.leader_epoch = entry->state.leader_epoch;
    return std::vector{next_record(key, *entry, accepted, caller.now_ms)};
}

std::expected<ShareCoordinator::Read, Refusal> ShareCoordinator::read(const SharePartitionKey& key,
                                                                      int32_t leader_epoch,
                                                                      const Caller& caller) const {
    if (key.partition < 0) return refuse_negative("partition id");
    if (leader_epoch < 0) return refuse_negative("leader epoch");
    const Entry* entry = find(key);
    if (!entry)
        return refuse(ErrorCode::invalid_request,
                      "Read operation on uninitialized share partition not allowed.");
    if (entry->leader_epoch_max > leader_epoch) return refuse(ErrorCode::fenced_leader_epoch);
    if (!caller.partition_exists) return refuse(ErrorCode::unknown_topic_or_partition);
    Read answer{.state = &entry->state};
    if (entry->leader_epoch_max != leader_epoch) {
        const Write taken_over{.leader_epoch = leader_epoch,
                               .start_offset = entry->state.start_offset,
                               .delivery_complete_count = entry->state.delivery_complete_count};
        answer.records.push_back(next_record(key, *entry, taken_over, caller.now_ms));
    }
    return answer;
}

std::expected<const ShareState*, Refusal> ShareCoordinator::read_summary(
    const SharePartitionKey& key, const Caller& caller) const {
    if (key.partition < 0) return refuse_negative("partition id");
    if (!caller.partition_exists) return refuse(ErrorCode::unknown_topic_or_partition);
    const Entry* entry = find(key);
    return entry ? &entry->state : nullptr;
}

ShareCoordinator::Decision ShareCoordinator::remove(const SharePartitionKey& key,
                                                    const Caller& caller) const {
    if (key.partition < 0) return refuse_negative("partition id");
    if (!caller.partition_exists) return refuse(ErrorCode::unknown_topic_or_partition);
    return find(key) ? std::vector{tombstone(key)} : std::vector<Record>{};
}

// An update, or once there are enough of them a snapshot. An offset never goes back; nor does the
// count, as long as the offset stays.
Record ShareCoordinator::next_record(const SharePartitionKey& key, const Entry& entry,
                                     const Write& write, int64_t now_ms) const {
    const ShareState& state = entry.state;
    const int64_t start_offset = std::max(write.start_offset, state.start_offset);
    int32_t count = write.delivery_complete_count;
    if (write.start_offset == state.start_offset)
        count = std::max(count, state.delivery_complete_count);
    if (write.start_offset < state.start_offset) count = state.delivery_complete_count;
    if (entry.update_count < config_.updates_per_snapshot)
        return update_record(key, {.snapshot_epoch = state.snapshot_epoch,
                                   .leader_epoch = write.leader_epoch,
                                   .start_offset = start_offset,
                                   .delivery_complete_count = count,
                                   .batches = combine({}, write.batches, start_offset)});
    return snapshot_record(key, {.snapshot_epoch = state.snapshot_epoch + 1,
                                 .state_epoch = state.state_epoch,
                                 .leader_epoch = write.leader_epoch,
                                 .start_offset = start_offset,
                                 .delivery_complete_count = count,
                                 .created_ms = now_ms,
                                 .written_ms = now_ms,
                                 .batches = combine(state.batches, write.batches, start_offset)});
}

std::vector<Record> ShareCoordinator::topic_deleted(const protocol::Uuid& topic_id) const {
    std::vector<Record> records;
    for (const auto& [key, entry] : entries_)
        if (key.topic_id == topic_id) records.push_back(tombstone(key));
    return records;
}

std::vector<Record> ShareCoordinator::snapshot_cold(int64_t now_ms) const {
    // Once all that there is was written this way, it stays as it is.
    const bool has_news = std::ranges::any_of(entries_, [](const auto& item) {
        return item.second.state.created_ms == item.second.state.written_ms;
    });
    std::vector<Record> records;
    if (!has_news) return records;
    for (const auto& [key, entry] : entries_) {
        if (now_ms - entry.state.written_ms < config_.cold_snapshot_interval_ms) continue;
        ShareState state = entry.state;
        ++state.snapshot_epoch;
        state.written_ms = now_ms;
        records.push_back(snapshot_record(key, state));
    }
    return records;
}

std::optional<int64_t> ShareCoordinator::redundant_before() const {
    if (end_offset_ < 0) return std::nullopt;
    int64_t offset = end_offset_;
    for (const auto& [key, entry] : entries_) offset = std::min(offset, entry.snapshot_offset);
    return offset;
}

}  // namespace broker::coordinator::share
