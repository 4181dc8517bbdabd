#include "broker/coordinator/coordinator_partition.h"

#include <cstdlib>
#include <limits>

namespace broker::coordinator {

namespace {

// One code point of valid UTF-8; a byte that is not valid stands for U+FFFD, as in Java.
uint32_t next_code_point(std::string_view& text) {
    constexpr uint32_t replacement = 0xfffd;
    const auto lead = static_cast<uint8_t>(text.front());
    const size_t size = lead < 0x80       ? 1
                        : lead >> 5 == 6  ? 2
                        : lead >> 4 == 14 ? 3
                        : lead >> 3 == 30 ? 4
                                          : 0;
    if (size == 0 || size > text.size()) {
        text.remove_prefix(1);
        return replacement;
    }
    uint32_t point = size == 1 ? lead : lead & (0x7f >> size);
    for (size_t i = 1; i < size; ++i) {
        const auto next = static_cast<uint8_t>(text[i]);
        if (next >> 6 != 2) {
            text.remove_prefix(1);
            return replacement;
        }
        point = point << 6 | (next & 0x3f);
    }
    text.remove_prefix(size);
    return point;
}

// String.hashCode(), which is over UTF-16.
uint32_t java_hash(std::string_view text) {
    uint32_t hash = 0;
    while (!text.empty()) {
        const uint32_t point = next_code_point(text);
        if (point >= 0x10000) {
            hash = hash * 31 + (0xd800 + ((point - 0x10000) >> 10));
            hash = hash * 31 + (0xdc00 + ((point - 0x10000) & 0x3ff));
        } else {
            hash = hash * 31 + point;
        }
    }
    return hash;
}

}  // namespace

int32_t coordinator_partition(std::string_view key, int32_t partition_count) {
    const auto hash = static_cast<int32_t>(java_hash(key));
    // Kafka's Utils.abs(): other than its toPositive(), which takes the sign bit away.
    if (hash == std::numeric_limits<int32_t>::min()) return 0;
    return std::abs(hash) % partition_count;
}

}  // namespace broker::coordinator
