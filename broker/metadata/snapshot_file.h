// The snapshots of the metadata log (KIP-630): files that hold what the log says up to an offset,
// so that what is below it can go. The one at offset 0 has what a new cluster begins with, as
// bootstrap.checkpoint had before Kafka 4.4.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/metadata/kraft_batches.h"
#include "storage/file_system.h"

namespace broker::metadata {

inline constexpr std::string_view bootstrap_file = "bootstrap.checkpoint";

// What a snapshot's name says: it holds the log below `end_offset`, and the leader epoch of the
// last record that is in it.
struct SnapshotId {
    int64_t end_offset = 0;
    int32_t epoch = 0;
    auto operator<=>(const SnapshotId&) const = default;
};

std::string snapshot_file_name(const SnapshotId& id);
// Nullopt: not the name of a finished snapshot.
std::optional<SnapshotId> parse_snapshot_file_name(std::string_view name);
// One that was not finished, or is on its way out: to be removed.
bool is_leftover_of_snapshot(std::string_view name);

struct Snapshot {
    VoterSet voter_set;
    std::vector<MetadataRecord> records;
    int64_t last_contained_log_timestamp_ms = 0;
};

// The bytes of a snapshot. `epoch` is that of its id; the layout of records is that of the
// metadata.version among them.
protocol::Blob encode_snapshot(const Snapshot& snapshot, int32_t epoch, int64_t now_ms);

struct SnapshotProblem {
    std::string message;
    // It may be half written, or bits of it have flipped; else it is whole and not understood: it
    // is of a newer version.
    bool is_damage = true;
};
std::expected<Snapshot, SnapshotProblem> decode_snapshot(protocol::Bytes bytes);

// Writes the file under a name that stands for nothing, syncs and renames it: it is there as a
// whole or not at all.
std::expected<void, std::error_code> write_snapshot(storage::FileSystem& files,
                                                    const std::string& path,
                                                    protocol::Bytes contents);

}  // namespace broker::metadata
