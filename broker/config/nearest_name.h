// "Did you mean": the known name that a mistyped one is closest to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace broker::config {

// The fewest insertions, deletions, replacements and swaps of neighbours between two names.
size_t edit_distance(std::string_view a, std::string_view b);

// nullopt: there are no names.
std::optional<std::string_view> nearest_name(std::string_view wanted,
                                             std::span<const std::string_view> names);

}  // namespace broker::config
