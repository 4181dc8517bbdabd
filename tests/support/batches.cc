#include "tests/support/batches.h"

#include <fmt/format.h>

#include <cassert>
#include <string>

namespace support {

using protocol::Blob;

Blob build_batch(const BatchSpec& spec) {
    protocol::BatchBuilder builder({.base_offset = spec.base_offset,
                                    .partition_leader_epoch = spec.leader_epoch,
                                    .compression = spec.compression,
                                    .producer_id = spec.producer_id,
                                    .producer_epoch = spec.producer_epoch,
                                    .base_sequence = spec.base_sequence,
                                    .transactional = spec.transactional});
    for (int32_t i = 0; i < spec.record_count; ++i) {
        const int64_t offset = spec.base_offset + i;
        const std::string key = fmt::format("key-{}", offset);
        Blob value(spec.value_bytes);
        for (size_t at = 0; at < value.size(); ++at)
            value[at] = static_cast<std::byte>(static_cast<size_t>(offset) + at);
        builder.add(spec.timestamp, std::as_bytes(std::span(key)), value);
    }
    return builder.build();
}

Blob build_marker(const MarkerSpec& spec) {
    Blob marker =
        protocol::build_end_transaction_marker(spec.producer_id, spec.producer_epoch, spec.outcome,
                                               spec.coordinator_epoch, spec.timestamp);
    protocol::set_base_offset(marker, spec.base_offset);
    return marker;
}

protocol::BatchView view_of(const Blob& batch) {
    const auto view = protocol::BatchView::first_in(batch);
    assert(view && view->size_bytes() == batch.size());
    return *view;
}

}  // namespace support
