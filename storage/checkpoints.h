// Kafka's checkpoint files: text with a version, a count and one entry a line. This file has their
// common frame, and the checkpoints of a log directory, which give an offset for each partition.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/file_system.h"
#include "storage/partition_metadata.h"

namespace storage {

// The text of a checkpoint file (version 0) with these lines, and back. The lines view into
// `text`; nullopt: damaged, which includes a count that is not the number of lines, and a last
// line without an end.
std::string encode_checkpoint(const std::vector<std::string>& lines);
std::optional<std::vector<std::string_view>> decode_checkpoint(std::string_view text);

// The whole of `text` as a decimal number; nullopt when it is anything else or out of range.
template <class Integer>
std::optional<Integer> parse_decimal(std::string_view text);

// Offsets by partition: what one checkpoint file holds.
using Checkpoint = std::map<PartitionName, int64_t>;

// The names Kafka gives them, in each log directory.
inline constexpr std::string_view recovery_point_file = "recovery-point-offset-checkpoint";
inline constexpr std::string_view log_start_file = "log-start-offset-checkpoint";
inline constexpr std::string_view high_watermark_file = "replication-offset-checkpoint";
inline constexpr std::string_view cleaner_file = "cleaner-offset-checkpoint";

// Lines of `topic partition offset`, sorted. nullopt: damaged.
std::string encode_offsets(const Checkpoint& checkpoint);
std::optional<Checkpoint> decode_offsets(std::string_view text);

// A checkpoint as it was found. What is missing or damaged reads as empty, as in Kafka; `problem`
// says then what was wrong.
struct ReadCheckpoint {
    Checkpoint offsets;
    std::optional<std::string> problem;  // for the log; nullopt also when absent or without a byte
    bool is_unreadable = false;          // the disk refused it: nobody knows what is in it
};
ReadCheckpoint read_checkpoint(FileSystem& files, const std::string& path);
std::expected<void, std::error_code> write_checkpoint(FileSystem& files, const std::string& path,
                                                      const Checkpoint& checkpoint);

}  // namespace storage
