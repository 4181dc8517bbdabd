// What a file of a data directory is, by its name.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "protocol/record_batch.h"
#include "storage/file_system.h"

namespace inspect {

enum class FileKind : uint8_t {
    unknown,
    log,
    metadata_snapshot,  // <end offset>-<epoch>.checkpoint
    bootstrap,          // bootstrap.checkpoint
    index,
    time_index,
    transaction_index,
    producer_snapshot,
    offset_checkpoint,  // recovery-point-offset-checkpoint and its like
    leader_epochs,
    meta_properties,
    partition_metadata,
    quorum_state,
    clean_shutdown,
    lock,
};

struct FileName {
    FileKind kind = FileKind::unknown;
    // Of a segment's file its base offset, of a metadata snapshot its end. -1: there is none.
    int64_t offset = -1;
    int32_t epoch = -1;  // of a metadata snapshot
    // What an interrupted or late operation left behind its suffix: ".deleted", ".cleaned",
    // ".swap", ".tmp", ".part"; empty for a file in use.
    std::string_view leftover;
};

// `name` without directories; the result views into it.
FileName parse_file_name(std::string_view name);

// The part of a path behind the last slash.
std::string_view file_name_of(std::string_view path);

// The one path of a directory, absolute, whatever way `path` takes there: "." and "t-0/" too.
std::string normal_path(const std::string& path);
// The name of a directory itself.
std::string name_of_directory(const std::string& path);
// The directory that it is in.
std::string directory_around(const std::string& path);

// The largest batch that is read as a whole: what its records may expand to, too. A larger one is
// somebody's attempt to fill the memory.
inline constexpr uint64_t batch_bytes_max = protocol::decompressed_bytes_max;

// The most that is read of a file which has to be read whole; some 1.4 million producers.
inline constexpr uint64_t side_file_bytes_max = 64 << 20;

// Errors: in words.
std::expected<storage::Blob, std::string> read_side_file(storage::FileSystem& files,
                                                         const std::string& path);

}  // namespace inspect
