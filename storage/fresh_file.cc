#include "storage/fresh_file.h"

namespace storage {

std::expected<std::shared_ptr<File>, std::error_code> write_fresh(FileSystem& files,
                                                                  const std::string& path,
                                                                  Bytes contents) {
    auto file = files.open(path, FileSystem::Open::create);
    if (!file) return file;
    const auto size = (*file)->size();
    if (!size) return std::unexpected(size.error());
    // Only where there is something: what was truncated to nothing, be it from nothing, ext4 writes
    // out when it is closed (auto_da_alloc).
    if (*size > 0)
        if (auto done = (*file)->truncate(0); !done) return std::unexpected(done.error());
    if (auto done = (*file)->write_at(contents, 0); !done) return std::unexpected(done.error());
    return file;
}

}  // namespace storage
