// Which partition of an internal topic coordinates a key.
#pragma once

#include <cstdint>
#include <string_view>

namespace broker::coordinator {

// Kafka's rule: the key's Java hash code, without its sign, modulo the number of partitions.
int32_t coordinator_partition(std::string_view key, int32_t partition_count);

}  // namespace broker::coordinator
