// The 32-bit numbers that the load generators patch into prepared frames.
#pragma once

#include <bit>
#include <cstring>

#include "protocol/types.h"

namespace bench {

inline uint32_t in_network_order(uint32_t value) {
    return std::endian::native == std::endian::big ? value : std::byteswap(value);
}

inline uint32_t load_uint32(protocol::Bytes bytes, size_t at) {
    uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return in_network_order(value);
}

inline void store_uint32(protocol::MutableBytes bytes, size_t at, uint32_t value) {
    value = in_network_order(value);
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace bench
