// SipHash-2-4 with 128 bits of result (Aumasson, Bernstein): a keyed hash whose collisions cannot
// be sought by whoever does not know the key.
#pragma once

#include <cstdint>

#include "protocol/types.h"

namespace storage {

struct HashKey {
    uint64_t low = 0, high = 0;
};

struct Hash128 {
    uint64_t low = 0, high = 0;
    bool operator==(const Hash128&) const = default;
};

Hash128 sip_hash(const HashKey& key, protocol::Bytes bytes);

}  // namespace storage
