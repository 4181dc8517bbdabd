// XXH3, the 64 bit variant with its default secret and seed 0: Kafka's hash of what a group
// subscribes to. The algorithm is described at https://github.com/Cyan4973/xxHash (doc).
#pragma once

#include <cstdint>

#include "protocol/types.h"

namespace broker::coordinator::group {

uint64_t xxh3(protocol::Bytes bytes);

}  // namespace broker::coordinator::group
