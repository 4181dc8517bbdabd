#include "tests/storage/log_fixture.h"

#include <doctest/doctest.h>

#include <utility>

#include "tests/support/batches.h"

namespace log_fixture {

using protocol::BatchBuilder;
using protocol::BatchView;

namespace {

constexpr size_t value_bytes_default = 5;

template <class Result>
std::string_view error_name(const Result& result) {
    return result ? "" : name(result.error());
}

}  // namespace

Blob batch(int count, int64_t timestamp, size_t value_bytes) {
    return support::build_batch(
        {.record_count = count, .timestamp = timestamp, .value_bytes = value_bytes});
}

Blob batch_of_times(const std::vector<int64_t>& timestamps, protocol::Compression compression) {
    BatchBuilder builder({.compression = compression});
    for (const int64_t timestamp : timestamps) builder.add(timestamp, std::nullopt, std::nullopt);
    return builder.build();
}

Blob idempotent_batch(Producer producer, int32_t sequence, int count, int64_t timestamp) {
    return support::build_batch({.record_count = count,
                                 .timestamp = timestamp,
                                 .producer_id = producer.id,
                                 .producer_epoch = producer.epoch,
                                 .base_sequence = sequence,
                                 .value_bytes = value_bytes_default});
}

Blob transactional_batch(Producer producer, int32_t sequence, int count) {
    return support::build_batch({.record_count = count,
                                 .timestamp = now,
                                 .producer_id = producer.id,
                                 .producer_epoch = producer.epoch,
                                 .base_sequence = sequence,
                                 .transactional = true,
                                 .value_bytes = value_bytes_default});
}

Blob marker(Producer producer, protocol::ControlType outcome) {
    return support::build_marker({.producer_id = producer.id,
                                  .producer_epoch = producer.epoch,
                                  .outcome = outcome,
                                  .timestamp = now});
}

LogConfig small_segments(int32_t segment_bytes) {
    LogConfig config;
    config.segment_bytes = segment_bytes;
    config.index_interval_bytes = 1;
    return config;
}

std::unique_ptr<Log> open(storage::FileSystem& files, const std::string& directory,
                          const Log::OpenOptions& options) {
    auto log = Log::open(files, directory, options);
    REQUIRE_MESSAGE(log.has_value(), "open: ", error_name(log));
    return std::move(*log);
}

std::unique_ptr<Log> open_cleanly(storage::FileSystem& files, const std::string& directory,
                                  int64_t recovery_point, const LogConfig& config) {
    return open(files, directory,
                {.config = config, .recovery_point = recovery_point, .clean_shutdown = true});
}

Blob append(Log& log, Blob batches, int32_t leader_epoch, int64_t now_ms) {
    const auto appended = log.append(batches, leader_epoch, now_ms);
    REQUIRE_MESSAGE(appended.has_value(), "append: ", error_name(appended));
    return batches;
}

Blob bytes_of(const storage::FileSlice& slice) {
    Blob bytes(slice.size);
    if (!slice.file) return bytes;
    const auto read = slice.file->read_at(bytes, slice.position);
    REQUIRE(read.has_value());
    bytes.resize(*read);
    return bytes;
}

Blob read_all(const Log& log, int64_t offset) {
    const auto slice = log.read(offset, size_t{1} << 30, log.log_end_offset(), true);
    REQUIRE_MESSAGE(slice.has_value(), "read: ", error_name(slice));
    return bytes_of(*slice);
}

Blob read_log(const Log& log) {
    Blob all;
    for (int64_t offset = log.log_start_offset(); offset < log.log_end_offset();) {
        const Blob bytes = read_all(log, offset);
        REQUIRE(!bytes.empty());
        all.insert(all.end(), bytes.begin(), bytes.end());
        for (Bytes rest = bytes; !rest.empty();) {
            const auto view = BatchView::first_in(rest);
            REQUIRE(view.has_value());
            offset = view->next_offset();
            rest = rest.subspan(view->size_bytes());
        }
    }
    return all;
}

std::vector<int64_t> base_offsets(Bytes batches) {
    std::vector<int64_t> offsets;
    while (const auto view = BatchView::first_in(batches)) {
        offsets.push_back(view->base_offset());
        batches = batches.subspan(view->size_bytes());
    }
    return offsets;
}

std::vector<std::string> names_in(storage::FileSystem& files, const std::string& directory) {
    auto names = files.list(directory);
    REQUIRE(names.has_value());
    return std::move(*names);
}

}  // namespace log_fixture
