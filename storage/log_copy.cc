#include "storage/log_copy.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "storage/batch_scanner.h"
#include "storage/fresh_file.h"
#include "storage/partition_metadata.h"

namespace storage {

namespace {

constexpr std::array side_files{SegmentFile::index, SegmentFile::time_index,
                                SegmentFile::transaction_index};

constexpr uint64_t read_bytes_min = 256;
constexpr uint64_t read_bytes_max = 1 << 20;

std::unexpected<ErrorCode> storage_error() {
    return std::unexpected(ErrorCode::kafka_storage_error);
}

bool is_absent(const std::error_code& error) {
    return error == std::errc::no_such_file_or_directory;
}

}  // namespace

bool LogContents::has_same_files(const LogContents& other) const {
    const bool is_as_long = segments.size() == other.segments.size();
    if (truncation_count != other.truncation_count) return false;
    if (directory != other.directory || snapshots != other.snapshots || !is_as_long) return false;
    if (segments.empty()) return true;
    return std::equal(segments.begin(), segments.end() - 1, other.segments.begin()) &&
           segments.back().base_offset == other.segments.back().base_offset;
}

uint64_t LogCopy::size_bytes() const {
    uint64_t sum = 0;
    for (const auto& [base_offset, copied] : segments_) sum += copied.size_bytes;
    return sum;
}

std::expected<uint64_t, ErrorCode> LogCopy::advance(const LogContents& log, uint64_t bytes_max) {
    if (auto begun = begin(log); !begun) return std::unexpected(begun.error());
    if (auto dropped = drop_what_is_gone(log); !dropped) return std::unexpected(dropped.error());
    uint64_t bytes = 0;
    for (const LogContents::Part& part : log.segments) {
        Copied& copied = segments_[part.base_offset];
        const bool is_last = &part == &log.segments.back();
        while (copied.size_bytes < part.size_bytes && bytes < bytes_max) {
            const auto some = copy_batches(log, part, bytes_max - bytes);
            if (!some) return some;
            bytes += *some;
        }
        if (copied.size_bytes < part.size_bytes) return bytes;
        if (is_last || copied.is_complete) continue;
        if (auto completed = complete_segment(log, part); !completed)
            return std::unexpected(completed.error());
        copied.is_complete = true;
        end_offset_ = std::max(end_offset_, (&part + 1)->base_offset);
    }
    if (bytes > 0) return bytes;
    end_offset_ = log.end_offset;
    return copy_snapshots(log);
}

std::expected<void, ErrorCode> LogCopy::begin(const LogContents& log) {
    if (std::exchange(is_begun_, true)) return {};
    truncation_count_ = log.truncation_count;
    const auto names = files_.list(directory_);
    if (!names) return storage_error();
    for (const std::string& name : *names)
        if (auto taken_up = take_up(log, name); !taken_up) return taken_up;
    // So that Apache Kafka, should it find the copy unfinished, goes on with it.
    if (auto copied = copy_file(log, std::string(leader_epoch_file_name)); !copied)
        return std::unexpected(copied.error());
    return {};
}

// Of an earlier copy only records are kept, and only those that turn out to be the log's.
std::expected<void, ErrorCode> LogCopy::take_up(const LogContents& log, const std::string& name) {
    const auto parsed = parse_segment_file_name(name);
    const bool is_log =
        parsed && parsed->kind == SegmentFile::log && parsed->leftover == Leftover::none;
    const auto is_this = [&](const LogContents::Part& part) {
        return is_log && part.base_offset == parsed->offset;
    };
    if (name == partition_metadata_file) return {};
    if (std::ranges::none_of(log.segments, is_this)) {
        if (!files_.remove_all(path(name))) return storage_error();
        return {};
    }
    const auto file = files_.open(path(name), FileSystem::Open::read);
    const auto size = file ? (*file)->size() : std::unexpected(file.error());
    if (!size) return storage_error();
    segments_[parsed->offset].stored_bytes = *size;
    return {};
}

std::expected<void, ErrorCode> LogCopy::drop_what_is_gone(const LogContents& log) {
    // What was cut may have been written anew: all of it is compared again.
    if (std::exchange(truncation_count_, log.truncation_count) != log.truncation_count) {
        for (auto& [base_offset, copied] : segments_)
            copied = {.stored_bytes = std::max(copied.size_bytes, copied.stored_bytes)};
        snapshots_.clear();
        end_offset_ = 0;
    }
    for (auto it = segments_.begin(); it != segments_.end();) {
        if (std::ranges::count(log.segments, it->first, &LogContents::Part::base_offset) > 0) {
            ++it;
            continue;
        }
        if (!files_.remove_all(path(segment_file_name(it->first, SegmentFile::log))))
            return storage_error();
        for (const SegmentFile kind : side_files)
            if (!files_.remove_all(path(segment_file_name(it->first, kind))))
                return storage_error();
        if (open_.base_offset == it->first) open_ = {};
        it = segments_.erase(it);
    }
    for (auto it = snapshots_.begin(); it != snapshots_.end();) {
        if (std::ranges::binary_search(log.snapshots, *it)) {
            ++it;
            continue;
        }
        if (!files_.remove_all(path(segment_file_name(*it, SegmentFile::snapshot))))
            return storage_error();
        it = snapshots_.erase(it);
    }
    return {};
}

std::expected<void, ErrorCode> LogCopy::open_segment(const LogContents& log, int64_t base_offset) {
    if (open_.base_offset == base_offset) return {};
    open_ = {};
    const std::string name = segment_file_name(base_offset, SegmentFile::log);
    auto from = files_.open(log.directory + '/' + name, FileSystem::Open::read);
    auto to = files_.open(path(name), FileSystem::Open::create);
    if (!from || !to) return storage_error();
    open_ = {base_offset, std::move(*from), std::move(*to)};
    return {};
}

std::expected<size_t, ErrorCode> LogCopy::read_batches(const LogContents::Part& part,
                                                       uint64_t position, uint64_t bytes_max) {
    const uint64_t left = part.size_bytes - position;
    uint64_t wanted = std::min(left, std::clamp(bytes_max, read_bytes_min, read_bytes_max));
    for (;;) {
        buffer_.resize(wanted);
        const auto got = open_.from->read_at(buffer_, position);
        if (!got || *got != wanted) return storage_error();
        size_t whole = 0;
        std::optional<BatchHeader> batch;
        while (whole < wanted) {
            batch = parse_batch_header(Bytes(buffer_).subspan(whole), position + whole);
            const bool is_cut = batch ? whole + batch->size_bytes > wanted : wanted < left;
            if (is_cut) break;
            if (!batch || !has_valid_checksum(Bytes(buffer_).subspan(whole, batch->size_bytes)))
                return std::unexpected(ErrorCode::corrupt_message);
            whole += batch->size_bytes;
            end_offset_ = std::max(end_offset_, batch->next_offset());
        }
        if (whole > 0) return whole;
        // One that is larger than was to be copied at once.
        if (wanted == left || !batch || batch->size_bytes > left)
            return std::unexpected(ErrorCode::corrupt_message);
        wanted = batch->size_bytes;
    }
}

std::expected<uint64_t, ErrorCode> LogCopy::copy_batches(const LogContents& log,
                                                         const LogContents::Part& part,
                                                         uint64_t bytes_max) {
    if (auto opened = open_segment(log, part.base_offset); !opened)
        return std::unexpected(opened.error());
    Copied& copied = segments_[part.base_offset];
    const auto size = read_batches(part, copied.size_bytes, bytes_max);
    if (!size) return std::unexpected(size.error());
    if (auto done = put(copied, *size); !done) return std::unexpected(done.error());
    // Nothing is to be there but what the log has.
    if (copied.size_bytes == part.size_bytes && copied.stored_bytes > part.size_bytes) {
        if (!open_.to->truncate(part.size_bytes)) return storage_error();
        copied.stored_bytes = part.size_bytes;
    }
    return *size;
}

std::expected<void, ErrorCode> LogCopy::put(Copied& copied, size_t size) {
    const Bytes batches = Bytes(buffer_).first(size);
    const uint64_t end = copied.size_bytes + size;
    if (copied.stored_bytes >= end) {
        Blob stored(size);
        const auto got = open_.to->read_at(stored, copied.size_bytes);
        if (!got) return storage_error();
        if (*got == size && std::ranges::equal(stored, batches)) {
            copied.size_bytes = end;
            return {};
        }
    }
    if (copied.stored_bytes > copied.size_bytes && !open_.to->truncate(copied.size_bytes))
        return storage_error();
    copied.stored_bytes = copied.size_bytes;
    if (!open_.to->write_at(batches, copied.size_bytes)) return storage_error();
    copied.size_bytes = copied.stored_bytes = end;
    return {};
}

std::expected<void, ErrorCode> LogCopy::complete_segment(const LogContents& log,
                                                         const LogContents::Part& part) {
    if (auto opened = open_segment(log, part.base_offset); !opened) return opened;
    // One without a batch may have what an earlier copy left there.
    if (!open_.to->truncate(part.size_bytes) || !open_.to->sync()) return storage_error();
    for (const SegmentFile kind : side_files) {
        const auto copied = copy_file(log, segment_file_name(part.base_offset, kind));
        if (!copied) return std::unexpected(copied.error());
    }
    return {};
}

std::expected<uint64_t, ErrorCode> LogCopy::copy_snapshots(const LogContents& log) {
    uint64_t bytes = 0;
    for (const int64_t offset : log.snapshots) {
        if (snapshots_.contains(offset)) continue;
        const auto size = copy_file(log, segment_file_name(offset, SegmentFile::snapshot));
        if (!size) return size;
        if (*size == 0) return storage_error();  // it went meanwhile
        bytes += *size;
        snapshots_.insert(offset);
    }
    return bytes;
}

std::expected<uint64_t, ErrorCode> LogCopy::copy_file(const LogContents& log,
                                                      const std::string& name) {
    const auto contents = read_whole(files_, log.directory + '/' + name);
    if (!contents && !is_absent(contents.error())) return storage_error();
    if (!contents) {
        if (!files_.remove_all(path(name))) return storage_error();
        return 0;
    }
    const auto file = write_fresh(files_, path(name), *contents);
    if (!file || !(*file)->sync()) return storage_error();
    return contents->size();
}

std::expected<void, ErrorCode> LogCopy::sync() {
    if (open_.to && !open_.to->sync()) return storage_error();
    if (!files_.sync_directory(directory_)) return storage_error();
    return {};
}

std::expected<void, ErrorCode> LogCopy::finish(const LogContents& log) {
    for (;;) {
        const auto bytes = advance(log, std::numeric_limits<uint64_t>::max());
        if (!bytes) return std::unexpected(bytes.error());
        if (*bytes == 0) break;
    }
    if (!log.segments.empty()) {
        if (auto completed = complete_segment(log, log.segments.back()); !completed)
            return completed;
    }
    if (auto copied = copy_file(log, std::string(leader_epoch_file_name)); !copied)
        return std::unexpected(copied.error());
    open_ = {};
    if (!files_.sync_directory(directory_)) return storage_error();
    return {};
}

}  // namespace storage
