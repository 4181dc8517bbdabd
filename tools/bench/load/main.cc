// Puts a load on a broker, with prepared frames and so next to no work per record: the broker is
// what is measured and not its client. Prints its figures as one line of JSON.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "tools/bench/load/commands.h"

namespace {

void set_address(bench::Target& target, const std::string& bootstrap) {
    const size_t colon = bootstrap.rfind(':');
    if (colon == std::string::npos) throw CLI::ValidationError("the broker has no port");
    target.host = bootstrap.substr(0, colon);
    target.port = bootstrap.substr(colon + 1);
}

}  // namespace

int main(int argument_count, char** arguments) try {
    bench::Target target;
    CLI::App app("Puts a load on a broker and prints what came through and what it cost.");
    app.add_option_function<std::string>(
           "bootstrap", [&](const std::string& text) { set_address(target, text); },
           "HOST:PORT of the broker")
        ->required();
    app.add_option("--pid", target.process, "the broker's process, whose CPU time is counted");
    app.add_flag("--null", target.is_null, "the peer is null_broker: no topic, no producer ids");
    app.require_subcommand(1);
    bench::add_produce_command(app, target);
    bench::add_fetch_command(app, target);
    bench::add_latency_command(app, target);
    bench::add_transactions_command(app, target);
    bench::add_requests_command(app, target);
    bench::add_producer_ids_command(app, target);
    bench::add_refused_command(app, target);
    bench::add_sessions_command(app, target);
    bench::add_groups_command(app, target);
    bench::add_hold_command(app, target);
    bench::add_topics_command(app, target);
    CLI11_PARSE(app, argument_count, arguments);
} catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
}
