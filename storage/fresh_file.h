// Small files that are written as a whole, from their beginning.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <system_error>

#include "storage/file_system.h"

namespace storage {

// Makes the file, or empties one that a process which died here left, and writes `contents`. Gives
// the open file, for the caller to sync: neither it nor its name is.
std::expected<std::shared_ptr<File>, std::error_code> write_fresh(FileSystem& files,
                                                                  const std::string& path,
                                                                  Bytes contents);

// Puts the file there as a whole or not at all: written as `temporary`, synced and renamed. Its
// name is on the disk with the next sync of its directory.
std::expected<void, std::error_code> put_whole(FileSystem& files, const std::string& path,
                                               const std::string& temporary, Bytes contents);

}  // namespace storage
