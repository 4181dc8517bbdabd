// FileSystem on the operating system's files.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "storage/file_system.h"
#include "storage/unsynced_file_system.h"

namespace storage {
namespace {

using std::expected;
using std::unexpected;

unexpected<std::error_code> last_error() {
    return unexpected(std::error_code(errno, std::generic_category()));
}

// Repeats a system call that a signal interrupted.
template <class Call>
auto restarting(Call call) {
    decltype(call()) result;
    do result = call();
    while (result < 0 && errno == EINTR);
    return result;
}

class Descriptor {
  public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    int get() const { return descriptor_; }

  private:
    int descriptor_;
};

int open_descriptor(const std::string& path, int flags) {
    return restarting([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0644); });
}

class PosixFile final : public File {
  public:
    PosixFile(int descriptor, bool syncs) : descriptor_(descriptor), syncs_(syncs) {}

    expected<size_t, std::error_code> read_at(MutableBytes target,
                                              uint64_t position) const override {
        size_t done = 0;
        while (done < target.size()) {
            const ssize_t count = restarting([&] {
                return ::pread(descriptor_.get(), target.data() + done, target.size() - done,
                               static_cast<off_t>(position + done));
            });
            if (count < 0) return last_error();
            if (count == 0) break;
            done += static_cast<size_t>(count);
        }
        return done;
    }

    expected<void, std::error_code> write_at(Bytes data, uint64_t position) override {
        while (!data.empty()) {
            const ssize_t count = restarting([&] {
                return ::pwrite(descriptor_.get(), data.data(), data.size(),
                                static_cast<off_t>(position));
            });
            if (count < 0) return last_error();
            data = data.subspan(static_cast<size_t>(count));
            position += static_cast<uint64_t>(count);
        }
        return {};
    }

    // In one call, so that the page cache sees how much there is, and takes it in larger folios.
    expected<void, std::error_code> write_parts_at(std::span<const Bytes> parts,
                                                   uint64_t position) override {
        std::array<iovec, vector_parts_max> vector;
        while (!parts.empty()) {
            const size_t count = std::min(parts.size(), vector.size());
            size_t expected_bytes = 0;
            for (size_t i = 0; i < count; ++i) {
                vector[i] = {const_cast<std::byte*>(parts[i].data()), parts[i].size()};
                expected_bytes += parts[i].size();
            }
            const ssize_t written = restarting([&] {
                return ::pwritev(descriptor_.get(), vector.data(), static_cast<int>(count),
                                 static_cast<off_t>(position));
            });
            if (written < 0) return last_error();
            // Cut short as by a signal or a full disk: the rest one by one.
            if (static_cast<size_t>(written) < expected_bytes)
                return write_rest(parts, static_cast<size_t>(written), position);
            position += expected_bytes;
            parts = parts.subspan(count);
        }
        return {};
    }

    expected<void, std::error_code> truncate(uint64_t size) override {
        // What was truncated to nothing, be it from nothing, ext4 writes out when it is closed
        // (auto_da_alloc).
        if (size == 0 && this->size() == 0) return {};
        if (restarting([&] { return ::ftruncate(descriptor_.get(), static_cast<off_t>(size)); }) !=
            0)
            return last_error();
        return {};
    }

    expected<void, std::error_code> sync() override {
        if (syncs_ && restarting([&] { return ::fdatasync(descriptor_.get()); }) != 0)
            return last_error();
        return {};
    }

    expected<uint64_t, std::error_code> size() const override {
        struct stat status{};
        if (::fstat(descriptor_.get(), &status) != 0) return last_error();
        return static_cast<uint64_t>(status.st_size);
    }

    int descriptor() const override { return descriptor_.get(); }

  private:
    static constexpr size_t vector_parts_max = 64;

    // Of parts of which the first `done` bytes are there.
    expected<void, std::error_code> write_rest(std::span<const Bytes> parts, size_t done,
                                               uint64_t position) {
        for (Bytes part : parts) {
            const size_t skipped = std::min(done, part.size());
            if (auto written = write_at(part.subspan(skipped), position + skipped); !written)
                return written;
            done -= skipped;
            position += part.size();
        }
        return {};
    }

    Descriptor descriptor_;
    bool syncs_;
};

class PosixLock final : public FileLock {
  public:
    explicit PosixLock(int descriptor) : descriptor_(descriptor) {}

  private:
    Descriptor descriptor_;
};

class PosixFileSystem final : public FileSystem {
  public:
    explicit PosixFileSystem(bool syncs) : syncs_(syncs) {}

    expected<std::shared_ptr<File>, std::error_code> open(const std::string& path,
                                                          Open mode) override {
        const int flags = mode == Open::read         ? O_RDONLY
                          : mode == Open::read_write ? O_RDWR
                                                     : O_RDWR | O_CREAT;
        const int descriptor = open_descriptor(path, flags);
        if (descriptor < 0) return last_error();
        return std::make_shared<PosixFile>(descriptor, syncs_);
    }

    bool exists(const std::string& path) const override {
        struct stat status{};
        return ::stat(path.c_str(), &status) == 0;
    }

    bool is_directory(const std::string& path) const override {
        struct stat status{};
        return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    }

    expected<std::vector<std::string>, std::error_code> list(
        const std::string& directory) const override {
        std::error_code error;
        std::vector<std::string> names;
        std::filesystem::directory_iterator entry(directory, error);
        for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
            names.push_back(entry->path().filename().string());
        if (error) return unexpected(error);
        std::ranges::sort(names);
        return names;
    }

    expected<void, std::error_code> create_directories(const std::string& path) override {
        std::error_code error;
        std::filesystem::create_directories(path, error);
        if (error) return unexpected(error);
        return {};
    }

    expected<void, std::error_code> rename(const std::string& from,
                                           const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return last_error();
        return {};
    }

    expected<void, std::error_code> remove(const std::string& path) override {
        if (::remove(path.c_str()) != 0) return last_error();
        return {};
    }

    expected<void, std::error_code> remove_all(const std::string& path) override {
        std::error_code error;
        std::filesystem::remove_all(path, error);
        if (error) return unexpected(error);
        return {};
    }

    expected<Volume, std::error_code> volume(const std::string& directory) const override {
        struct statvfs found{};
        if (restarting([&] { return ::statvfs(directory.c_str(), &found); }) != 0)
            return last_error();
        const uint64_t block = found.f_frsize;
        return Volume{.total_bytes = found.f_blocks * block,
                      .usable_bytes = found.f_bavail * block};
    }

    expected<void, std::error_code> sync_directory(const std::string& path) override {
        if (!syncs_) return {};
        const Descriptor directory(open_descriptor(path, O_RDONLY | O_DIRECTORY));
        if (directory.get() < 0) return last_error();
        if (restarting([&] { return ::fsync(directory.get()); }) != 0) return last_error();
        return {};
    }

    expected<std::unique_ptr<FileLock>, std::error_code> lock(const std::string& path) override {
        const int descriptor = open_descriptor(path, O_RDWR | O_CREAT);
        if (descriptor < 0) return last_error();
        auto held = std::make_unique<PosixLock>(descriptor);
        // A lock of the open file rather than of the process: it excludes a second caller in this
        // process as well, and it conflicts with the record lock that Java's tryLock() takes.
        struct flock whole_file{};
        whole_file.l_type = F_WRLCK;
        whole_file.l_whence = SEEK_SET;
        if (::fcntl(descriptor, F_OFD_SETLK, &whole_file) == 0) return held;
        if (errno == EACCES) errno = EAGAIN;
        return last_error();
    }

  private:
    bool syncs_;
};

}  // namespace

FileSystem& posix_file_system() {
    static PosixFileSystem files(/*syncs=*/true);
    return files;
}

FileSystem& unsynced_file_system() {
    static PosixFileSystem files(/*syncs=*/false);
    return files;
}

}  // namespace storage
