// The process's log: lines on stdout as Kafka's log4j writes them, which scripts wait for.
#pragma once

#include <string>

namespace broker {

// Makes spdlog's default logger print "[2026-11-21 09:00:00,123] INFO message (einmal)".
// `level`: trace, debug, info, warn, error, off.
void set_up_logging(const std::string& level);

// Prints the lines by which Kafka's start is recognised, whatever the level but "off".
void log_ready(int node_id);

}  // namespace broker
