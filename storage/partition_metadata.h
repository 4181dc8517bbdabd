// What tells which partition a directory belongs to: its name, and the file partition.metadata
// with the topic's id (KIP-516).
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/types.h"
#include "storage/file_system.h"

namespace storage {

struct PartitionName {
    std::string topic;
    int32_t partition = 0;
    auto operator<=>(const PartitionName&) const = default;
};

// `topic-N`.
std::string directory_name(const PartitionName& name);
// Nullopt: not the directory of a partition. Topics may have dashes and digits in their names: the
// last dash counts.
std::optional<PartitionName> parse_directory_name(std::string_view name);

// `topic-N.<32 hex digits>-delete`: a log that is to be deleted, out of the way of a new one. The
// topic is cut short where the name would be longer than file systems allow.
std::string deleted_directory_name(const PartitionName& name, const protocol::Uuid& topic_id);
// `topic-N.<32 hex digits>-forgotten-delete`: the same, once no checkpoint tells of that log any
// more. It may be cut shorter still.
std::string forgotten_directory_name(std::string_view deleted);
// Whether Apache Kafka or this broker renamed it so.
bool is_deleted_directory_name(std::string_view name);
// Whether it is one that a log of this partition may have been renamed to, and not forgotten.
bool is_deleted_directory_of(const PartitionName& name, std::string_view directory);

// `topic-N.<32 hex digits>-future`: a copy that is to take the place of the log in another
// directory (KIP-113).
std::string future_directory_name(const PartitionName& name, const protocol::Uuid& unique_id);
// Nullopt: not the name of one.
std::optional<PartitionName> parse_future_directory_name(std::string_view name);

inline constexpr std::string_view partition_metadata_file = "partition.metadata";

// The topic id in a partition's directory. Errors: no_such_file_or_directory (Kafka writes the
// file soon after it makes the directory), illegal_byte_sequence (damaged), I/O.
std::expected<protocol::Uuid, std::error_code> read_topic_id(FileSystem& files,
                                                             const std::string& directory);
std::expected<void, std::error_code> write_topic_id(FileSystem& files, const std::string& directory,
                                                    const protocol::Uuid& topic_id);

}  // namespace storage
