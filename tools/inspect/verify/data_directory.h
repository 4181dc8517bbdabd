// A data directory (what log.dirs names) as it is found, before its partitions are looked at.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/checkpoints.h"
#include "storage/file_system.h"
#include "storage/meta_properties.h"
#include "storage/partition_metadata.h"
#include "tools/inspect/verify/metadata_check.h"

namespace inspect {

struct DataDirectory {
    std::string path;
    bool is_in_use = false;
    // Nullopt: all of it is to be verified. Else one partition, in this directory.
    std::optional<storage::PartitionName> only;
    std::string only_path;

    std::expected<void, std::string> listed;  // else in words
    std::vector<std::string> files;
    std::set<std::string> subdirectories;
    std::expected<storage::MetaProperties, std::string> properties;   // else in words
    std::map<std::string_view, storage::ReadCheckpoint> checkpoints;  // by the file's name
    bool was_stopped_cleanly = false;

    std::optional<Metadata> own_metadata;
    // Of its broker, wherever it was found; null: unknown.
    const Metadata* metadata = nullptr;

    std::string inside(std::string_view name) const;
    bool has(const storage::PartitionName& name) const {
        return subdirectories.contains(storage::directory_name(name));
    }
    // Whether it was renamed: to be deleted, to take the place of the one in another directory, or
    // because the metadata knew nothing of it.
    bool has_set_aside(const storage::PartitionName& name) const;
    // Whether a deleted log of this name is there which the checkpoints may be of.
    bool has_deleted(const storage::PartitionName& name) const;
    // Both are read, and of one broker.
    bool is_of_broker_of(const DataDirectory& other) const;
};

// Requires: `path` is a directory. One that has the name of a partition's, and is no data
// directory, is one partition of the data directory around it. The metadata is left to the caller.
DataDirectory read_data_directory(storage::FileSystem& files, const std::string& path,
                                  bool is_in_use);

}  // namespace inspect
