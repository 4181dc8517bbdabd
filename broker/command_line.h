// The command line: flags become config keys, so that every setting has one name behind it.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "broker/config/config_values.h"

namespace broker {

struct CommandLine {
    bool wire = false;                                 // the sub-command
    std::optional<std::vector<std::string>> dump_log;  // the sub-command, and its arguments
    std::optional<std::string> properties_file;
    config::Values overrides;
    std::string log_level = "info";
    std::optional<std::string> port_file;
};

// Why the process ends before it starts: status 0 with help or version for stdout, 2 with a line
// about a mistake for stderr.
struct EarlyExit {
    int status = 0;
    std::string text;
};

// `arguments` without the program's name.
std::expected<CommandLine, EarlyExit> parse_command_line(std::vector<std::string> arguments);

}  // namespace broker
