// Puts the layers of static broker configuration together: file, environment, command line.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "broker/config/config_values.h"

namespace broker::config {

// Stronger layers come later.
struct StaticSources {
    Values file;          // server.properties
    Values environment;   // all variables of the process
    Values command_line;  // flags and -c key=value
};

struct StaticConfig {
    Values values;
    std::vector<std::string> without_effect;  // keys that were set and are accepted only
    std::vector<std::string> warnings;        // one sentence each
};

// Errors: invalid_config for a key that does not exist, with the nearest one that does. An unknown
// variable is a warning only, as the environment is not ours alone.
std::expected<StaticConfig, ConfigError> load_static_config(const StaticSources& sources);

}  // namespace broker::config
