#include "tools/inspect/verify/batch_file.h"

#include "storage/batch_scanner.h"
#include "tools/inspect/dump_log/file_kind.h"

namespace inspect {

using protocol::BatchView;
using storage::BatchScanner;
using storage::FileSystem;

std::expected<BatchFileExtent, std::string> for_each_sound_batch(
    FileSystem& files, const std::string& path,
    const std::function<bool(const BatchView&, uint64_t)>& visit) {
    const auto file = files.open(path, FileSystem::Open::read);
    const auto size = file ? (*file)->size() : std::unexpected(file.error());
    if (!size) return std::unexpected(size.error().message());
    BatchFileExtent extent{.size_bytes = *size};
    BatchScanner scanner(**file, 0, *size, BatchScanner::bulk_window_bytes);
    while (true) {
        const auto header = scanner.next();
        if (!header && header.error() == protocol::ErrorCode::kafka_storage_error)
            return std::unexpected("cannot be read");
        if (!header || !*header || (*header)->size_bytes > batch_bytes_max) return extent;
        const auto bytes = scanner.bytes();
        if (!bytes) return std::unexpected("cannot be read");
        const auto batch = BatchView::first_in(*bytes);
        if (!batch || !batch->has_valid_crc()) return extent;
        const uint64_t position = extent.sound_bytes;
        extent.sound_bytes += batch->size_bytes();
        if (!visit(*batch, position)) return extent;
    }
}

}  // namespace inspect
