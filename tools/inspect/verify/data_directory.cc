#include "tools/inspect/verify/data_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tools/inspect/dump_log/file_kind.h"

namespace inspect {

namespace {

using storage::FileSystem;
using storage::PartitionName;

constexpr std::array<std::string_view, 4> checkpoint_files{
    storage::recovery_point_file, storage::log_start_file, storage::high_watermark_file,
    storage::cleaner_file};
constexpr std::array<std::string_view, 3> suffixes_aside{"-delete", "-future", "-stray"};
// Topics may be cut short in names that would be longer than file systems allow.
constexpr size_t uncut_name_bytes_max = 240;

bool is_set_aside(const PartitionName& name, std::string_view directory) {
    const auto suffix = std::ranges::find_if(
        suffixes_aside, [&](std::string_view end) { return directory.ends_with(end); });
    if (suffix == suffixes_aside.end()) return false;
    const size_t dot = directory.rfind('.');
    if (dot == std::string_view::npos) return false;
    const auto aside = storage::parse_directory_name(directory.substr(0, dot));
    if (!aside || aside->partition != name.partition) return false;
    return aside->topic == name.topic ||
           (directory.size() > uncut_name_bytes_max && name.topic.starts_with(aside->topic));
}

std::expected<storage::MetaProperties, std::string> read_properties(FileSystem& files,
                                                                    const std::string& path) {
    const auto bytes = read_side_file(files, path);
    if (!bytes) return std::unexpected(bytes.error());
    return storage::decode_meta_properties(storage::as_text(*bytes));
}

}  // namespace

std::string DataDirectory::inside(std::string_view name) const {
    return fmt::format("{}/{}", path, name);
}

bool DataDirectory::has_set_aside(const PartitionName& name) const {
    return std::ranges::any_of(subdirectories, [&](const std::string& directory) {
        return is_set_aside(name, directory);
    });
}

bool DataDirectory::has_deleted(const PartitionName& name) const {
    return std::ranges::any_of(subdirectories, [&](const std::string& directory) {
        return storage::is_deleted_directory_of(name, directory);
    });
}

bool DataDirectory::is_of_broker_of(const DataDirectory& other) const {
    return properties && other.properties &&
           properties->cluster_id == other.properties->cluster_id &&
           properties->node_id == other.properties->node_id;
}

DataDirectory read_data_directory(FileSystem& files, const std::string& path, bool is_in_use) {
    DataDirectory directory{.path = path, .is_in_use = is_in_use};
    const auto partition = storage::parse_directory_name(name_of_directory(path));
    if (partition && !files.exists(directory.inside(storage::meta_properties_file))) {
        directory.path = directory_around(path);
        directory.only = partition;
        directory.only_path = path;
    }
    const auto names = files.list(directory.path);
    if (!names) directory.listed = std::unexpected(names.error().message());
    for (const auto& name : names.value_or(std::vector<std::string>())) {
        if (files.is_directory(directory.inside(name)))
            directory.subdirectories.insert(name);
        else
            directory.files.push_back(name);
        if (parse_file_name(name).kind == FileKind::clean_shutdown)
            directory.was_stopped_cleanly = true;
    }
    directory.properties = read_properties(files, directory.inside(storage::meta_properties_file));
    for (const auto name : checkpoint_files)
        directory.checkpoints[name] = storage::read_checkpoint(files, directory.inside(name));
    return directory;
}

}  // namespace inspect
