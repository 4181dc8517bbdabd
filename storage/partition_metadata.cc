#include "storage/partition_metadata.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/uuid.h"
#include "storage/checkpoints.h"

namespace storage {
namespace {

constexpr size_t file_name_bytes_max = 255;
constexpr std::string_view deleted_suffix = "-delete";
constexpr std::string_view forgotten_suffix = "-forgotten-delete";
constexpr std::string_view future_suffix = "-future";
constexpr std::string_view version_line = "version: 0\n";
constexpr std::string_view topic_id_key = "topic_id: ";

std::string hex(const protocol::Uuid& uuid) {
    std::string text;
    for (const std::byte byte : uuid.bytes)
        text += fmt::format("{:02x}", static_cast<unsigned>(byte));
    return text;
}

std::string path_in(const std::string& directory) {
    return fmt::format("{}/{}", directory, partition_metadata_file);
}

std::optional<protocol::Uuid> parse_topic_id(std::string_view text) {
    if (!text.starts_with(version_line)) return std::nullopt;
    text.remove_prefix(version_line.size());
    if (!text.starts_with(topic_id_key)) return std::nullopt;
    text.remove_prefix(topic_id_key.size());
    if (text.ends_with('\n')) text.remove_suffix(1);
    return protocol::parse_uuid(text);
}

std::optional<PartitionName> parse_suffixed_directory_name(std::string_view name,
                                                           std::string_view suffix) {
    if (!name.ends_with(suffix)) return std::nullopt;
    name.remove_suffix(suffix.size());
    const size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || dot + 1 == name.size()) return std::nullopt;
    return parse_directory_name(name.substr(0, dot));
}

// The topic may be cut short.
std::optional<PartitionName> parse_deleted_directory_name(std::string_view name) {
    return parse_suffixed_directory_name(name, deleted_suffix);
}

}  // namespace

std::string directory_name(const PartitionName& name) {
    return fmt::format("{}-{}", name.topic, name.partition);
}

std::optional<PartitionName> parse_directory_name(std::string_view name) {
    const size_t dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0) return std::nullopt;
    const std::string_view digits = name.substr(dash + 1);
    const auto partition = parse_decimal<int32_t>(digits);
    if (!partition) return std::nullopt;
    PartitionName parsed{std::string(name.substr(0, dash)), *partition};
    // Only the one name that a partition has: "t-01" is not the directory of t-1.
    if (directory_name(parsed) != name) return std::nullopt;
    return parsed;
}

std::string deleted_directory_name(const PartitionName& name, const protocol::Uuid& topic_id) {
    const std::string suffix =
        fmt::format("-{}.{}{}", name.partition, hex(topic_id), deleted_suffix);
    return name.topic.substr(0, file_name_bytes_max - suffix.size()) + suffix;
}

std::string forgotten_directory_name(std::string_view deleted) {
    if (deleted.ends_with(forgotten_suffix)) return std::string(deleted);
    deleted.remove_suffix(deleted_suffix.size());
    const size_t partition = deleted.rfind('-');
    const std::string suffix = fmt::format("{}{}", deleted.substr(partition), forgotten_suffix);
    const size_t topic_bytes_max = file_name_bytes_max - suffix.size();
    return fmt::format("{}{}", deleted.substr(0, std::min(partition, topic_bytes_max)), suffix);
}

bool is_deleted_directory_name(std::string_view name) {
    return parse_deleted_directory_name(name).has_value();
}

bool is_deleted_directory_of(const PartitionName& name, std::string_view directory) {
    const auto deleted = parse_deleted_directory_name(directory);
    if (!deleted || directory.ends_with(forgotten_suffix) || deleted->partition != name.partition)
        return false;
    const bool was_cut = directory.size() == file_name_bytes_max;
    return deleted->topic == name.topic || (was_cut && name.topic.starts_with(deleted->topic));
}

std::string future_directory_name(const PartitionName& name, const protocol::Uuid& unique_id) {
    return fmt::format("{}.{}{}", directory_name(name), hex(unique_id), future_suffix);
}

std::optional<PartitionName> parse_future_directory_name(std::string_view name) {
    return parse_suffixed_directory_name(name, future_suffix);
}

std::expected<protocol::Uuid, std::error_code> read_topic_id(FileSystem& files,
                                                             const std::string& directory) {
    const auto contents = read_whole(files, path_in(directory));
    if (!contents) return std::unexpected(contents.error());
    const auto topic_id = parse_topic_id(as_text(*contents));
    if (!topic_id || topic_id->is_zero())
        return std::unexpected(std::make_error_code(std::errc::illegal_byte_sequence));
    return *topic_id;
}

std::expected<void, std::error_code> write_topic_id(FileSystem& files, const std::string& directory,
                                                    const protocol::Uuid& topic_id) {
    const std::string text =
        fmt::format("{}{}{}", version_line, topic_id_key, protocol::to_string(topic_id));
    return replace_whole(files, path_in(directory), as_bytes(text));
}

}  // namespace storage
