// What a Log answers: bytes, records by time, aborted transactions.
#include <algorithm>
#include <utility>

#include "protocol/legacy_records.h"
#include "storage/log.h"
#include "storage/log_state.h"

namespace storage {

using protocol::BatchView;

LogState::LogState(FileSystem& files, std::string directory, const Log::OpenOptions& options)
    : context{files, std::move(directory), options.config},
      topic_id(options.topic_id),
      snapshots(context, {}),
      start_offset(options.log_start_offset),
      end_offset(options.log_start_offset),
      recovery_point(options.recovery_point),
      flushed_at_ms(options.now_ms) {}

size_t LogState::segment_index(int64_t offset) const {
    const auto after = std::ranges::upper_bound(segments, offset, {}, &Segment::base_offset);
    return after == segments.begin() ? 0 : static_cast<size_t>(after - segments.begin()) - 1;
}

size_t LogState::segment_to_recover(int64_t recovery_point_at_crash) const {
    return segment_index(recovery_point_at_crash - 1);
}

std::expected<Segment*, ErrorCode> LogState::load_segment(size_t index) {
    Segment& segment = segments[index];
    if (segment.is_loaded()) return &segment;
    if (auto loaded = segment.load(); !loaded) return std::unexpected(loaded.error());
    if (segment.needs_transactions()) {
        if (auto rebuilt = rebuild_transactions(index); !rebuilt)
            return std::unexpected(rebuilt.error());
    }
    if (index + 1 == segments.size()) return &segment;
    int64_t& place = open_segments[next_open_segment];
    const size_t previous = segment_index(place);
    if (segments[previous].base_offset() == place && previous != index &&
        previous + 1 < segments.size())
        segments[previous].unload();
    place = segment.base_offset();
    next_open_segment = (next_open_segment + 1) % open_segments_max;
    return &segment;
}

int64_t Log::log_start_offset() const { return state_->start_offset; }
int64_t Log::log_end_offset() const { return state_->end_offset; }
int64_t Log::last_stable_offset() const {
    const int64_t end = state_->end_offset;
    return std::clamp(state_->producers.first_unstable_offset().value_or(end), state_->start_offset,
                      end);
}
int64_t Log::recovery_point() const { return state_->recovery_point; }
size_t Log::segment_count() const { return state_->segments.size(); }
const std::string& Log::directory() const { return state_->context.directory; }
const LogConfig& Log::config() const { return state_->context.config; }
const ProducerState& Log::producers() const { return state_->producers; }
const LeaderEpochs& Log::leader_epochs() const { return state_->epochs; }
bool Log::refuses_writes() const { return state_->refuses_writes; }
bool Log::is_offline() const { return state_->is_offline; }
bool Log::needs_sync() const {
    return !state_->is_offline && !state_->segments.empty() && !state_->is_synced();
}
const LogRecovery& Log::recovery() const { return state_->recovery; }

uint64_t Log::size_bytes() const {
    uint64_t sum = 0;
    for (Segment& segment : state_->segments) sum += segment.size_bytes().value_or(0);
    return sum;
}

std::expected<std::vector<SegmentInfo>, ErrorCode> Log::segments() const {
    LogState& log = *state_;
    std::vector<SegmentInfo> infos;
    infos.reserve(log.segments.size());
    for (size_t i = 0; i < log.segments.size(); ++i) {
        const auto segment = log.load_segment(i);
        if (!segment) return std::unexpected(segment.error());
        const auto size = (*segment)->size_bytes();
        const auto max = (*segment)->max_timestamp();
        if (!size || !max) return std::unexpected(!size ? size.error() : max.error());
        infos.push_back({(*segment)->base_offset(), *size, max->timestamp});
    }
    return infos;
}

std::expected<FileSlice, ErrorCode> Log::read(int64_t offset, size_t bytes_max, int64_t end_offset,
                                              bool at_least_one) const {
    LogState& log = *state_;
    if (log.is_offline) return std::unexpected(ErrorCode::kafka_storage_error);
    if (offset < log.start_offset || offset > log.end_offset)
        return std::unexpected(ErrorCode::offset_out_of_range);
    end_offset = std::min(end_offset, log.end_offset);
    if (offset >= end_offset) return FileSlice{};

    // Compaction may have emptied the end of a segment: then the next one has what comes after.
    for (size_t i = log.segment_index(offset); i < log.segments.size(); ++i) {
        const auto segment = log.load_segment(i);
        if (!segment) return std::unexpected(segment.error());
        const auto first = (*segment)->find(offset);
        if (!first) return std::unexpected(first.error());
        if (!*first) continue;
        if ((*first)->base_offset >= end_offset) return FileSlice{};

        const bool holds_end =
            end_offset < log.end_offset &&
            (i + 1 == log.segments.size() || end_offset < log.segments[i + 1].base_offset());
        const auto size = (*segment)->size_bytes();
        if (!size) return std::unexpected(size.error());
        uint64_t end = *size;
        if (holds_end) {
            const auto last = (*segment)->find(end_offset);
            if (!last) return std::unexpected(last.error());
            if (*last) end = (*last)->position;
        }
        const uint64_t available = end - (*first)->position;
        const uint64_t wanted =
            at_least_one ? std::max<uint64_t>(bytes_max, (*first)->size_bytes) : bytes_max;
        const size_t bytes = std::min(wanted, available);
        return FileSlice{.file = (*segment)->log_file(),
                         .position = (*first)->position,
                         .size = bytes,
                         .segment_base_offset = (*segment)->base_offset(),
                         .is_checked = (*segment)->is_checked((*first)->position, bytes)};
    }
    return FileSlice{};
}

std::expected<int64_t, ErrorCode> Log::offset_bound(const FileSlice& slice) const {
    LogState& log = *state_;
    const size_t index = log.segment_index(slice.segment_base_offset);
    const auto segment = log.load_segment(index);
    if (!segment) return std::unexpected(segment.error());
    const auto bound = (*segment)->offset_bound(slice.position + slice.size);
    if (!bound) return std::unexpected(bound.error());
    if (*bound) return **bound;
    return index + 1 < log.segments.size() ? log.segments[index + 1].base_offset() : log.end_offset;
}

void Log::note_checked(const FileSlice& slice, size_t size) {
    Segment& segment = state_->segments[state_->segment_index(slice.segment_base_offset)];
    if (segment.base_offset() == slice.segment_base_offset)
        segment.note_checked(slice.position, size);
}

std::expected<std::vector<protocol::AbortedTxn>, ErrorCode> Log::aborted_transactions(
    int64_t from, int64_t to) const {
    LogState& log = *state_;
    std::vector<protocol::AbortedTxn> found;
    if (log.segments.empty()) return found;
    for (size_t i = log.segment_index(from); i < log.segments.size(); ++i) {
        const auto segment = log.load_segment(i);
        if (!segment) return std::unexpected(segment.error());
        const auto is_complete = (*segment)->transactions().collect(from, to, found);
        if (!is_complete) return std::unexpected(is_complete.error());
        if (*is_complete) break;
    }
    return found;
}

namespace {

// Of a batch of any magic.
std::expected<void, ErrorCode> visit_records(Bytes bytes, protocol::RecordVisitor visit) {
    if (const auto batch = BatchView::first_in(bytes)) return for_each_record(*batch, visit);
    const auto message = protocol::LegacyMessage::first_in(bytes);
    if (!message) return std::unexpected(ErrorCode::corrupt_message);
    return for_each_legacy_record(*message, visit);
}

// The first record of the batch with `timestamp` or a later one, at or after `offset_min`.
std::expected<std::optional<TimestampOffset>, ErrorCode> find_in_batch(const BatchHeader& header,
                                                                       Bytes bytes,
                                                                       int64_t timestamp,
                                                                       int64_t offset_min) {
    std::optional<TimestampOffset> found;
    const auto walked = visit_records(bytes, [&](const protocol::Record& record) {
        if (record.timestamp < timestamp || record.offset < offset_min) return true;
        found = {record.timestamp, record.offset, header.leader_epoch};
        return false;
    });
    if (!walked) return std::unexpected(walked.error());
    return found;
}

std::expected<std::optional<TimestampOffset>, ErrorCode> find_in_segment(Segment& segment,
                                                                         int64_t timestamp,
                                                                         int64_t offset_min) {
    const auto first = segment.find_timestamp(timestamp);
    if (!first) return std::unexpected(first.error());
    if (!*first) return std::nullopt;
    const auto size = segment.size_bytes();
    if (!size) return std::unexpected(size.error());
    BatchScanner scanner(*segment.log_file(), (*first)->position, *size);
    for (;;) {
        const auto header = scanner.next();
        if (!header) return std::unexpected(header.error());
        if (!*header) return std::nullopt;
        if ((*header)->max_timestamp < timestamp || (*header)->last_offset < offset_min) continue;
        const auto bytes = scanner.bytes();
        if (!bytes) return std::unexpected(bytes.error());
        const auto found = find_in_batch(**header, *bytes, timestamp, offset_min);
        if (!found || *found) return found;
    }
}

// The largest timestamp of the records at or after `offset_min`.
std::expected<int64_t, ErrorCode> visible_max_timestamp(Segment& segment, int64_t offset_min) {
    const auto max = segment.max_timestamp();
    if (!max) return std::unexpected(max.error());
    if (offset_min <= segment.base_offset()) return max->timestamp;
    const auto first = segment.find(offset_min);
    if (!first) return std::unexpected(first.error());
    if (*first && max->offset > (*first)->last_offset) return max->timestamp;

    // The batch with it is below the log's start, or begins there.
    int64_t visible = protocol::no_timestamp;
    const auto walked = segment.for_each_batch(
        offset_min, [&](const BatchHeader& batch, Bytes bytes) -> std::expected<void, ErrorCode> {
            if (batch.base_offset >= offset_min) {
                visible = std::max(visible, batch.max_timestamp);
                return {};
            }
            return visit_records(bytes, [&](const protocol::Record& record) {
                if (record.offset >= offset_min) visible = std::max(visible, record.timestamp);
                return true;
            });
        });
    if (!walked) return std::unexpected(walked.error());
    return visible;
}

}  // namespace

std::expected<std::optional<TimestampOffset>, ErrorCode> Log::find_timestamp(
    int64_t timestamp) const {
    LogState& log = *state_;
    if (log.is_offline) return log.go_offline();
    // Kafka looks into the first fitting segment only, and finds nothing when the record there is
    // below the log's start.
    for (size_t i = log.segment_index(log.start_offset); i < log.segments.size(); ++i) {
        const auto segment = log.load_segment(i);
        if (!segment) return std::unexpected(segment.error());
        const auto max = (*segment)->max_timestamp();
        if (!max) return std::unexpected(max.error());
        if (max->timestamp < timestamp) continue;
        const auto found = find_in_segment(**segment, timestamp, log.start_offset);
        if (!found || *found) return found;
    }
    return std::nullopt;
}

std::expected<std::optional<TimestampOffset>, ErrorCode> Log::find_max_timestamp() const {
    LogState& log = *state_;
    if (log.is_offline) return log.go_offline();
    int64_t max_timestamp = protocol::no_timestamp;
    for (size_t i = log.segment_index(log.start_offset); i < log.segments.size(); ++i) {
        const auto segment = log.load_segment(i);
        if (!segment) return std::unexpected(segment.error());
        const auto max = visible_max_timestamp(**segment, log.start_offset);
        if (!max) return std::unexpected(max.error());
        max_timestamp = std::max(max_timestamp, *max);
    }
    if (max_timestamp == protocol::no_timestamp) return std::nullopt;
    return find_timestamp(max_timestamp);
}

}  // namespace storage
