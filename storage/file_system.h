// The one seam to the disk: every file operation of the storage engine goes through here, so that
// a simulation can tear writes, fail them, and drop what was not synced.
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
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
    // The same of parts that follow one another in the file.
    virtual std::expected<void, std::error_code> write_parts_at(std::span<const Bytes> parts,
                                                                uint64_t position);
    virtual std::expected<void, std::error_code> truncate(uint64_t size) = 0;
    virtual std::expected<void, std::error_code> sync() = 0;  // fdatasync
    virtual std::expected<uint64_t, std::error_code> size() const = 0;
    // For what only the operating system can do to it, while it is open; -1: it is not one of its.
    virtual int descriptor() const { return -1; }
};

// Held as long as it lives. The operating system lets go of it when the process dies.
class FileLock {
  public:
    virtual ~FileLock() = default;
};

// Implementations may be called from any thread, for different paths at a time.
class FileSystem {
  public:
    virtual ~FileSystem() = default;

    enum class Open { read, read_write, create };  // create: read_write, made when absent
    virtual std::expected<std::shared_ptr<File>, std::error_code> open(const std::string& path,
                                                                       Open mode) = 0;
    virtual bool exists(const std::string& path) const = 0;
    virtual bool is_directory(const std::string& path) const = 0;
    // Names (not paths) in a directory, sorted.
    virtual std::expected<std::vector<std::string>, std::error_code> list(
        const std::string& directory) const = 0;
    virtual std::expected<void, std::error_code> create_directories(const std::string& path) = 0;
    // Replaces `to` in one step when it is a file; a directory only when it is empty.
    virtual std::expected<void, std::error_code> rename(const std::string& from,
                                                        const std::string& to) = 0;
    // A file or an empty directory. What is absent gives no_such_file_or_directory.
    virtual std::expected<void, std::error_code> remove(const std::string& path) = 0;
    // A directory with all it holds, or a file. Nothing to remove is no error.
    virtual std::expected<void, std::error_code> remove_all(const std::string& path) = 0;
    // The disk that a directory is on.
    struct Volume {
        uint64_t total_bytes = 0;
        uint64_t usable_bytes = 0;  // by who is not the system's administrator
    };
    virtual std::expected<Volume, std::error_code> volume(const std::string& directory) const = 0;
    // Makes names last that were created, renamed or removed in the directory.
    virtual std::expected<void, std::error_code> sync_directory(const std::string& path) = 0;
    // The exclusive lock on a file, which is made when absent; excludes other processes (Apache
    // Kafka too) and other callers in this one.
    // Errors: resource_unavailable_try_again when somebody else holds it.
    virtual std::expected<std::unique_ptr<FileLock>, std::error_code> lock(
        const std::string& path) = 0;
};

// The operating system's files.
FileSystem& posix_file_system();

// A whole small file. Errors: no_such_file_or_directory when it is absent; file_too_large above
// 1 GiB, which no file that is read whole comes near.
std::expected<Blob, std::error_code> read_whole(FileSystem& files, const std::string& path);

// Replaces a small file as a whole: whatever happens, `path` has either its old contents or these.
// They are on disk when it returns. Goes by way of `path`.tmp, as Apache Kafka does.
std::expected<void, std::error_code> replace_whole(FileSystem& files, const std::string& path,
                                                   Bytes contents);

// Text as bytes and back; views of what was given.
inline Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The directory part of a path; "." when there is none.
std::string parent_directory(const std::string& path);

}  // namespace storage
