// Reads a log from one offset to another, batch by batch: how state is loaded from it.
#pragma once

#include <expected>
#include <functional>

#include "storage/log.h"

namespace storage {

// Visits each whole batch that holds an offset in [from, to), in order. What `visit` returns as an
// error ends the walk, and is returned.
// Errors: those of Log::read, corrupt_message (a batch whose CRC is wrong), those of `visit`.
std::expected<void, ErrorCode> for_each_batch(
    const Log& log, int64_t from, int64_t to, size_t read_bytes_max,
    const std::function<std::expected<void, ErrorCode>(const protocol::BatchView&)>& visit);

// How many of the bytes that were read from a log, from the beginning of a batch on, a client may
// have: all before the first batch whose checksum is wrong. A batch that is there in part, at the
// end, stays (KIP-74).
// Errors: corrupt_message (it is the first one).
std::expected<size_t, ErrorCode> intact_size(Bytes bytes);

}  // namespace storage
