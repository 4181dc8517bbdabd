// The names of the files of one partition's directory, as Apache Kafka gives them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace storage {

enum class SegmentFile : uint8_t { log, index, time_index, transaction_index, snapshot };

inline constexpr std::string_view leader_epoch_file_name = "leader-epoch-checkpoint";

// Why a file with such a name is still there: it belongs to an operation that a crash interrupted.
enum class Leftover : uint8_t { none, deleted, cleaned, swap };

// As in 00000000000000000042.timeindex, and .timeindex.deleted for a leftover.
std::string segment_file_name(int64_t offset, SegmentFile kind, Leftover leftover = Leftover::none);

struct SegmentFileName {
    int64_t offset = 0;
    SegmentFile kind = SegmentFile::log;
    Leftover leftover = Leftover::none;
};

// Nullopt: not the name of a segment's file.
std::optional<SegmentFileName> parse_segment_file_name(std::string_view name);

}  // namespace storage
