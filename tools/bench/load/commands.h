// The loads. Each adds a subcommand with its options, which runs when the line has been read, and
// prints its figures.
#pragma once

#include <CLI/CLI.hpp>

#include "tools/bench/load/target.h"

namespace bench {

void add_produce_command(CLI::App& app, const Target& target);
void add_fetch_command(CLI::App& app, const Target& target);
void add_latency_command(CLI::App& app, const Target& target);
void add_transactions_command(CLI::App& app, const Target& target);
void add_requests_command(CLI::App& app, const Target& target);
void add_producer_ids_command(CLI::App& app, const Target& target);
void add_refused_command(CLI::App& app, const Target& target);
void add_sessions_command(CLI::App& app, const Target& target);
void add_groups_command(CLI::App& app, const Target& target);
void add_hold_command(CLI::App& app, const Target& target);
void add_topics_command(CLI::App& app, const Target& target);

}  // namespace bench
