#include "storage/file_system.h"

#include "storage/fresh_file.h"

namespace storage {
namespace {

constexpr uint64_t whole_file_bytes_max = 1U << 30;

}  // namespace

std::expected<void, std::error_code> File::write_parts_at(std::span<const Bytes> parts,
                                                          uint64_t position) {
    for (const Bytes part : parts) {
        if (auto written = write_at(part, position); !written) return written;
        position += part.size();
    }
    return {};
}

std::expected<Blob, std::error_code> read_whole(FileSystem& files, const std::string& path) {
    const auto file = files.open(path, FileSystem::Open::read);
    if (!file) return std::unexpected(file.error());
    const auto size = (*file)->size();
    if (!size) return std::unexpected(size.error());
    if (*size > whole_file_bytes_max)
        return std::unexpected(std::make_error_code(std::errc::file_too_large));
    Blob contents(*size);
    const auto read = (*file)->read_at(contents, 0);
    if (!read) return std::unexpected(read.error());
    contents.resize(*read);
    return contents;
}

std::expected<void, std::error_code> replace_whole(FileSystem& files, const std::string& path,
                                                   Bytes contents) {
    if (auto done = put_whole(files, path, path + ".tmp", contents); !done) return done;
    return files.sync_directory(parent_directory(path));
}

std::string parent_directory(const std::string& path) {
    const size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace storage
