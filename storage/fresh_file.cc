#include "storage/fresh_file.h"

namespace storage {

std::expected<std::shared_ptr<File>, std::error_code> write_fresh(FileSystem& files,
                                                                  const std::string& path,
                                                                  Bytes contents) {
    auto file = files.open(path, FileSystem::Open::create);
    if (!file) return file;
    if (auto done = (*file)->truncate(0); !done) return std::unexpected(done.error());
    if (auto done = (*file)->write_at(contents, 0); !done) return std::unexpected(done.error());
    return file;
}

std::expected<void, std::error_code> put_whole(FileSystem& files, const std::string& path,
                                               const std::string& temporary, Bytes contents) {
    const auto file = write_fresh(files, temporary, contents);
    if (!file) return std::unexpected(file.error());
    if (auto synced = (*file)->sync(); !synced) return synced;
    return files.rename(temporary, path);
}

}  // namespace storage
