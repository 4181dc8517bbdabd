// Java's .properties files: comments, continued lines, escapes, and '=', ':' or blanks between a
// key and its value.
#pragma once

#include <string_view>

#include "broker/config/config_values.h"

namespace broker::config {

// Later lines win over earlier ones with the same key. Errors: invalid_config, with the line's
// number, for a \u escape without four hexadecimal digits.
std::expected<Values, ConfigError> parse_properties(std::string_view text);

}  // namespace broker::config
