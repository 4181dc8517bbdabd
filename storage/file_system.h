// The one seam to the disk: every file operation of the storage engine goes through here, so that
// a simulation can tear writes, fail them, and drop what was not synced.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "protocol/types.h"

namespace storage {

using protocol::Blob;
using protocol::Bytes;
using protocol::MutableBytes;

// An open file. Positional reads and writes only; nothing is buffered here.
class File {
  public:
    virtual ~File() = default;
    // Reads up to target.size() bytes; fewer only at the end of the file.
    virtual std::expected<size_t, std::error_code> read_at(MutableBytes target,
                                                           uint64_t position) const = 0;
    // Writes all of `data`. On an error any prefix of it may have been written.
    virtual std::expected<void, std::error_code> write_at(Bytes data, uint64_t position) = 0;
    virtual std::expected<void, std::error_code> truncate(uint64_t size) = 0;
    virtual std::expected<void, std::error_code> sync() = 0;  // fdatasync
    virtual std::expected<uint64_t, std::error_code> size() const = 0;
};

class FileSystem {
  public:
    virtual ~FileSystem() = default;

    enum class Open { read, read_write, create };  // create: read_write, made when absent
    virtual std::expected<std::shared_ptr<File>, std::error_code> open(const std::string& path,
                                                                       Open mode) = 0;
    virtual bool exists(const std::string& path) const = 0;
    // Names (not paths) in a directory, sorted.
    virtual std::expected<std::vector<std::string>, std::error_code> list(
        const std::string& directory) const = 0;
    virtual std::expected<void, std::error_code> create_directories(const std::string& path) = 0;
    virtual std::expected<void, std::error_code> rename(const std::string& from,
                                                        const std::string& to) = 0;
    virtual std::expected<void, std::error_code> remove(const std::string& path) = 0;
    virtual std::expected<void, std::error_code> remove_all(const std::string& path) = 0;
    virtual std::expected<void, std::error_code> sync_directory(const std::string& path) = 0;
};

// The operating system's files.
FileSystem& posix_file_system();

}  // namespace storage
