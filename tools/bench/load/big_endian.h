// The numbers that the load generators patch into prepared frames.
#pragma once

#include <concepts>
#include <cstring>

#include "protocol/wire.h"

namespace bench {

template <std::integral T>
T load(protocol::Bytes bytes, size_t at) {
    T value{};
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return protocol::big_endian(value);
}

template <std::integral T>
void store(protocol::MutableBytes bytes, size_t at, T value) {
    value = protocol::big_endian(value);
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace bench
