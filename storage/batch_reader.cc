#include "storage/batch_reader.h"

namespace storage {

std::expected<void, ErrorCode> for_each_batch(
    const Log& log, int64_t from, int64_t to, size_t read_bytes_max,
    const std::function<std::expected<void, ErrorCode>(const protocol::BatchView&)>& visit) {
    Blob buffer;
    while (from < to) {
        const auto slice = log.read(from, read_bytes_max, to, /*at_least_one=*/true);
        if (!slice) return std::unexpected(slice.error());
        if (slice->size == 0) return {};
        buffer.resize(slice->size);
        const auto got = slice->file->read_at(buffer, slice->position);
        if (!got || *got != slice->size) return std::unexpected(ErrorCode::kafka_storage_error);

        const int64_t before = from;
        Bytes rest = buffer;
        while (const auto batch = protocol::BatchView::first_in(rest)) {
            if (!batch->has_valid_crc()) return std::unexpected(ErrorCode::corrupt_message);
            if (const auto visited = visit(*batch); !visited) return visited;
            from = batch->next_offset();
            rest = rest.subspan(batch->size_bytes());
        }
        if (from == before) return std::unexpected(ErrorCode::corrupt_message);
    }
    return {};
}

}  // namespace storage
