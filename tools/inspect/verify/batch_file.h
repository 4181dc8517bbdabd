// Reads a file of batches for what it says: as far as it is sound.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "protocol/record_batch.h"
#include "storage/file_system.h"

namespace inspect {

struct BatchFileExtent {
    uint64_t sound_bytes = 0;
    uint64_t size_bytes = 0;
    bool is_sound() const { return sound_bytes == size_bytes; }
};

// Visits the batches with a right checksum, up to the first without, and the bytes before each.
// Stops early when `visit` returns false.
// Errors: in words, of a file that cannot be read.
std::expected<BatchFileExtent, std::string> for_each_sound_batch(
    storage::FileSystem& files, const std::string& path,
    const std::function<bool(const protocol::BatchView&, uint64_t)>& visit);

}  // namespace inspect
