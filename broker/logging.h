// The process's log: lines on stdout as Kafka's log4j writes them, which scripts wait for.
#pragma once

#include <string>
#include <string_view>

namespace broker {

// Makes spdlog's default logger print "[2026-11-21 09:00:00,123] INFO message (einmal)".
// `level`: trace, debug, info, warn, error, off.
void set_up_logging(const std::string& level);

// Prints the lines by which Kafka's start is recognised, whatever the level but "off".
void log_ready(int node_id);

// The one logger that there is, by log4j's name for the logger of all.
inline constexpr std::string_view root_logger = "root";

// The least level that is printed, in log4j's names: TRACE, DEBUG, INFO, WARN, ERROR, FATAL, OFF.
std::string_view log_level();
// Whether log4j has that level, and a client may ask for it.
bool is_log_level(std::string_view level);
// From any thread. Requires: is_log_level(level).
void set_log_level(std::string_view level);

}  // namespace broker
