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

}  // namespace storage
