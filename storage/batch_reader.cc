#include "storage/batch_reader.h"

#include "storage/batch_scanner.h"

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

std::expected<size_t, ErrorCode> intact_size(Bytes bytes) {
    size_t intact = 0;
    while (bytes.size() - intact >= protocol::batch_header_bytes) {
        const auto batch = parse_batch_header(bytes.subspan(intact), intact);
        if (batch && batch->end_position() > bytes.size()) break;
        if (!batch || !has_valid_checksum(bytes.subspan(intact, batch->size_bytes))) {
            if (intact == 0) return std::unexpected(ErrorCode::corrupt_message);
            return intact;
        }
        intact = batch->end_position();
    }
    return bytes.size();
}

}  // namespace storage
