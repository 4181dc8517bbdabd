// A file system in memory that fails, fills up and loses what was not synced, as told; everything
// it decides by itself follows from a seed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/file_system.h"

namespace support {

enum class Operation : uint8_t {
    open,
    read,
    write,
    truncate,
    sync,
    create_directories,
    list,
    rename,
    remove,
    sync_directory,
    lock,
};
inline constexpr size_t operation_kinds = 11;

enum class Crash : uint8_t {
    process_kill,  // what was written is there, synced or not
    power_cut,     // what was not synced is there, in part there, or lost
};

// What becomes of a disk that goes away; open files on it give errors in any case.
enum class Outage : uint8_t {
    errors,     // whatever is done with it fails
    unmounted,  // an empty directory is in its place
    missing,    // nor is that there
};

struct SimulatedDisk;  // what open files share with their file system

// Paths are taken apart at '/': "a/b", "/a/b" and "a//b" are the same file. From any thread.
class SimulatedFileSystem final : public storage::FileSystem {
  public:
    explicit SimulatedFileSystem(uint64_t seed = 1);
    ~SimulatedFileSystem() override;

    std::expected<std::shared_ptr<storage::File>, std::error_code> open(const std::string& path,
                                                                        Open mode) override;
    bool exists(const std::string& path) const override;
    bool is_directory(const std::string& path) const override;
    std::expected<std::vector<std::string>, std::error_code> list(
        const std::string& directory) const override;
    std::expected<void, std::error_code> create_directories(const std::string& path) override;
    std::expected<void, std::error_code> rename(const std::string& from,
                                                const std::string& to) override;
    std::expected<void, std::error_code> remove(const std::string& path) override;
    std::expected<void, std::error_code> remove_all(const std::string& path) override;
    // Of a disk that is half full.
    std::expected<Volume, std::error_code> volume(const std::string& directory) const override;
    std::expected<void, std::error_code> sync_directory(const std::string& path) override;
    std::expected<std::unique_ptr<storage::FileLock>, std::error_code> lock(
        const std::string& path) override;

    // The n-th operation from now (1: the next) fails, and only that. A write that fails has
    // written some prefix of its bytes.
    void fail_at(uint64_t nth, std::errc error = std::errc::io_error);
    // The process dies in the n-th operation from now: it and all later ones fail, until crash().
    void die_at(uint64_t nth);
    // Whether that operation has been, and nothing but crash() is to follow.
    bool has_died() const;
    // Every operation of this kind fails until heal().
    void fail_every(Operation kind, std::errc error = std::errc::io_error);
    // The disk has room for so many more bytes; then writes stop short with no_space_on_device.
    void limit_space(uint64_t bytes);
    // Ends all of the above.
    void heal();

    // The process is gone: files opened before give errors from now on, locks are free, faults
    // are over. Then go on with the same file system, as the next process finds it.
    void crash(Crash how);

    // Puts a disk of its own to this path, which is a single name. It fails apart from the rest,
    // and keeps what is on it: what is written to its place meanwhile is hidden when it comes back.
    void mount(const std::string& path);
    // In the n-th operation on it from now (0: now).
    void take_away(const std::string& path, Outage how, uint64_t nth = 0);
    bool is_away(const std::string& path) const;
    uint64_t outage_count(const std::string& path) const;  // so far
    // Also ends what take_away() was to do yet.
    void bring_back(const std::string& path);

    uint64_t operation_count() const;
    uint64_t operation_count(Operation kind) const;
    uint64_t synced_bytes() const;

    // For tests that look at a file, or damage it, behind the back of the code under test.
    // Requires: it is there.
    storage::Blob contents(const std::string& path) const;
    void overwrite(const std::string& path, storage::Bytes contents);
    void flip_bits(const std::string& path, uint64_t position, std::byte mask = std::byte{0xff});

  private:
    std::shared_ptr<SimulatedDisk> disk_;
};

}  // namespace support
