#include "broker/config/nearest_name.h"

#include <algorithm>
#include <vector>

namespace broker::config {

size_t edit_distance(std::string_view a, std::string_view b) {
    // Names of keys and flags are short; a longer text is no mistyped one.
    constexpr size_t length_max = 200;
    a = a.substr(0, length_max);
    b = b.substr(0, length_max);
    std::vector<std::vector<size_t>> distance(a.size() + 1, std::vector<size_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) {
        for (size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                distance[i][j] = i + j;
                continue;
            }
            const size_t replaced = distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            distance[i][j] = std::min({replaced, distance[i - 1][j] + 1, distance[i][j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                distance[i][j] = std::min(distance[i][j], distance[i - 2][j - 2] + 1);
            }
        }
    }
    return distance[a.size()][b.size()];
}

std::optional<std::string_view> nearest_name(std::string_view wanted,
                                             std::span<const std::string_view> names) {
    const auto nearest = std::ranges::min_element(
        names, {}, [&](std::string_view name) { return edit_distance(wanted, name); });
    if (nearest == names.end()) return std::nullopt;
    return *nearest;
}

}  // namespace broker::config
