// What einmal dump-log --verify says of the files that a simulation has left.
#pragma once

#include <cstdint>
#include <string>

#include "storage/file_system.h"

namespace simulation {

// A line for each violation; none is empty. `path`: a data directory, or a partition's.
std::string violations_in(storage::FileSystem& files, const std::string& path, int64_t now_ms,
                          int64_t producer_expiration_ms);

// The same of one partition, which is known to be compacted.
std::string violations_in_compacted(storage::FileSystem& files, const std::string& path,
                                    int64_t now_ms, int64_t producer_expiration_ms);

// Of the snapshots in the directory of a metadata log.
std::string violations_in_metadata(storage::FileSystem& files, const std::string& directory);

}  // namespace simulation
