// CRC-32C (Castagnoli), the checksum of record batches of magic 2 and of producer snapshots.
#pragma once

#include <cstdint>

#include "protocol/types.h"

namespace protocol {

// The checksum of `bytes`, or of what `previous` covers followed by `bytes`. Uses the processor's
// own instruction where there is one.
uint32_t crc32c(Bytes bytes, uint32_t previous = 0);

// The same by tables alone, for other processors and to check the fast way against.
uint32_t crc32c_portable(Bytes bytes, uint32_t previous = 0);

}  // namespace protocol
