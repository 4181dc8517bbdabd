// The features of KIP-584: what this broker can do, and what a new cluster is finalized at.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace broker::metadata {

struct Feature {
    std::string_view name;
    int16_t min = 0;
    int16_t max = 0;
    int16_t initial = 0;  // the finalized level of a new cluster
};

// A level that is listed here is served: clients act on it (transaction.version 2 is KIP-890).
inline constexpr std::array features = {
    Feature{.name = "metadata.version", .min = 7, .max = 30, .initial = 30},
    Feature{.name = "transaction.version", .min = 0, .max = 2, .initial = 2},
};

}  // namespace broker::metadata
