// Batches and logs for the tests of storage::Log.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocol/record_batch.h"
#include "storage/log.h"

namespace log_fixture {

using protocol::Blob;
using protocol::Bytes;
using protocol::ErrorCode;
using storage::Log;
using storage::LogConfig;

inline constexpr int64_t now = 1'000'000;

Blob batch(int count = 1, int64_t timestamp = now, size_t value_bytes = 5);
// One record for each of these timestamps.
Blob batch_of_times(const std::vector<int64_t>& timestamps,
                    protocol::Compression compression = protocol::Compression::none);

struct Producer {
    int64_t id = 7;
    int16_t epoch = 0;
};
Blob idempotent_batch(Producer producer, int32_t sequence, int count = 1, int64_t timestamp = now);
Blob transactional_batch(Producer producer, int32_t sequence, int count = 1);
Blob marker(Producer producer, protocol::ControlType outcome);

// A small log configuration: every batch gets an index entry.
LogConfig small_segments(int32_t segment_bytes = 1000);

// Opens the log; the test fails where that fails.
std::unique_ptr<Log> open(storage::FileSystem& files, const std::string& directory,
                          const Log::OpenOptions& options = {});
// As a start after a clean stop with the log's end as recovery point.
std::unique_ptr<Log> open_cleanly(storage::FileSystem& files, const std::string& directory,
                                  int64_t recovery_point, const LogConfig& config = {});

// Appends a copy; the test fails where that fails. Gives the bytes as they are in the log.
Blob append(Log& log, Blob batches, int32_t leader_epoch = 0, int64_t now_ms = now);
// The bytes from the batch that holds `offset` up to the end of its segment.
Blob read_all(const Log& log, int64_t offset);
// The same over all segments.
Blob read_log(const Log& log);
Blob bytes_of(const storage::FileSlice& slice);
// The base offsets of the batches.
std::vector<int64_t> base_offsets(Bytes batches);

std::vector<std::string> names_in(storage::FileSystem& files, const std::string& directory);

}  // namespace log_fixture
