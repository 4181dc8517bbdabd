#include "tools/inspect/dump_log/file_kind.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <utility>

#include "storage/checkpoints.h"
#include "storage/leader_epochs.h"
#include "storage/meta_properties.h"
#include "storage/partition_metadata.h"
#include "storage/segment_files.h"

namespace inspect {

namespace {

constexpr std::array<std::pair<std::string_view, FileKind>, 11> fixed_names{{
    {storage::recovery_point_file, FileKind::offset_checkpoint},
    {storage::log_start_file, FileKind::offset_checkpoint},
    {storage::high_watermark_file, FileKind::offset_checkpoint},
    {storage::cleaner_file, FileKind::offset_checkpoint},
    {storage::leader_epoch_file_name, FileKind::leader_epochs},
    {storage::meta_properties_file, FileKind::meta_properties},
    {storage::partition_metadata_file, FileKind::partition_metadata},
    {"quorum-state", FileKind::quorum_state},
    {"bootstrap.checkpoint", FileKind::bootstrap},
    {".kafka_cleanshutdown", FileKind::clean_shutdown},
    {".lock", FileKind::lock},
}};

constexpr std::array<std::string_view, 5> leftovers{".deleted", ".cleaned", ".swap", ".tmp",
                                                    ".part"};
constexpr size_t snapshot_offset_digits = 20;
constexpr size_t snapshot_epoch_digits = 10;

FileKind kind_of(storage::SegmentFile file) {
    switch (file) {
        case storage::SegmentFile::log: return FileKind::log;
        case storage::SegmentFile::index: return FileKind::index;
        case storage::SegmentFile::time_index: return FileKind::time_index;
        case storage::SegmentFile::transaction_index: return FileKind::transaction_index;
        case storage::SegmentFile::snapshot: return FileKind::producer_snapshot;
    }
    return FileKind::unknown;
}

// 00000000000000000042-0000000003.checkpoint
bool parse_snapshot_name(std::string_view name, FileName& parsed) {
    constexpr std::string_view suffix = ".checkpoint";
    if (!name.ends_with(suffix)) return false;
    name.remove_suffix(suffix.size());
    if (name.size() != snapshot_offset_digits + 1 + snapshot_epoch_digits ||
        name[snapshot_offset_digits] != '-')
        return false;
    const auto offset = storage::parse_decimal<int64_t>(name.substr(0, snapshot_offset_digits));
    const auto epoch = storage::parse_decimal<int32_t>(name.substr(snapshot_offset_digits + 1));
    if (!offset || !epoch || *offset < 0 || *epoch < 0) return false;
    parsed.kind = FileKind::metadata_snapshot;
    parsed.offset = *offset;
    parsed.epoch = *epoch;
    return true;
}

}  // namespace

FileName parse_file_name(std::string_view name) {
    FileName parsed;
    for (const auto leftover : leftovers) {
        if (!name.ends_with(leftover)) continue;
        parsed.leftover = leftover;
        name.remove_suffix(leftover.size());
        break;
    }
    for (const auto& [fixed, kind] : fixed_names)
        if (name == fixed) parsed.kind = kind;
    if (parsed.kind != FileKind::unknown || parse_snapshot_name(name, parsed)) return parsed;
    if (const auto segment = storage::parse_segment_file_name(name)) {
        parsed.kind = kind_of(segment->kind);
        parsed.offset = segment->offset;
    }
    return parsed;
}

std::string_view file_name_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string normal_path(const std::string& path) {
    // The slash at the end makes the name a parent's, whether `path` has one as well or not.
    return std::filesystem::absolute(path + '/').lexically_normal().parent_path().string();
}

std::string name_of_directory(const std::string& path) {
    return std::string(file_name_of(normal_path(path)));
}

std::string directory_around(const std::string& path) {
    return std::filesystem::path(normal_path(path)).parent_path().string();
}

std::expected<storage::Blob, std::string> read_side_file(storage::FileSystem& files,
                                                         const std::string& path) {
    const auto file = files.open(path, storage::FileSystem::Open::read);
    if (!file) return std::unexpected(file.error().message());
    const auto size = (*file)->size();
    if (!size) return std::unexpected(size.error().message());
    if (*size > side_file_bytes_max)
        return std::unexpected(
            fmt::format("{} bytes are more than are read of such a file", *size));
    storage::Blob contents(*size);
    const auto read = (*file)->read_at(contents, 0);
    if (!read) return std::unexpected(read.error().message());
    contents.resize(*read);
    return contents;
}

}  // namespace inspect
