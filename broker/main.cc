// einmal: reads its settings, runs the broker until it is told to stop, and says why when it
// cannot.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <iostream>
#include <optional>

#include "broker/broker.h"
#include "broker/command_line.h"
#include "broker/config/environment.h"
#include "broker/config/load.h"
#include "broker/config/properties.h"
#include "broker/logging.h"
#include "broker/process.h"
#include "storage/file_system.h"
#include "storage/unsynced_file_system.h"
#include "tools/inspect/dump_log_command.h"
#include "tools/inspect/wire_command.h"

namespace {

using broker::config::BrokerConfig;
using broker::config::ConfigError;

constexpr int failure_status = 1;
constexpr int usage_status = 2;

// Why there is no broker to run.
struct Failure {
    int status = failure_status;
    std::string text;
};

std::unexpected<Failure> misused(const std::string& where, const ConfigError& error) {
    return std::unexpected(Failure{usage_status, where + error.message});
}

std::expected<BrokerConfig, Failure> read_settings(const broker::CommandLine& command_line) {
    broker::config::StaticSources sources;
    if (const auto& path = command_line.properties_file) {
        const auto text = broker::read_text_file(*path);
        if (!text) return std::unexpected(Failure{failure_status, text.error()});
        auto values = broker::config::parse_properties(*text);
        if (!values) return misused(*path + ": ", values.error());
        sources.file = *std::move(values);
    }
    sources.environment = broker::config::process_environment();
    sources.command_line = command_line.overrides;
    auto loaded = broker::config::load_static_config(sources);
    if (!loaded) return misused("", loaded.error());
    for (const auto& warning : loaded->warnings) spdlog::warn(warning);
    if (!loaded->without_effect.empty()) {
        spdlog::info("Accepted without effect: {}", fmt::join(loaded->without_effect, ", "));
    }
    auto config = broker::config::resolve_broker_config({.fixed = std::move(loaded->values)});
    if (!config) return misused("", config.error());
    return *std::move(config);
}

std::expected<void, Failure> run(BrokerConfig config, const broker::CommandLine& command_line) {
    std::optional<broker::TemporaryDirectory> temporary;
    storage::FileSystem* files = &storage::posix_file_system();
    if (config.log.directories.empty()) {
        auto made = broker::TemporaryDirectory::make();
        if (!made) return std::unexpected(Failure{failure_status, made.error()});
        temporary.emplace(*std::move(made));
        config.log.directories.push_back(temporary->path());
        files = &storage::unsynced_file_system();
    }
    broker::Broker einmal(std::move(config), *files);
    if (auto started = einmal.start(); !started) {
        return std::unexpected(Failure{failure_status, started.error()});
    }
    std::vector<uint16_t> ports;
    for (const auto& listener : einmal.listeners()) {
        ports.push_back(listener->port());
        spdlog::info("Listener {} on {}:{}", listener->settings().name,
                     listener->settings().bind.host, listener->port());
    }
    std::expected<void, std::string> announced;
    if (command_line.port_file) {
        announced = broker::write_port_file(*command_line.port_file, ports);
    }
    if (announced) {
        broker::log_ready(einmal.config().node_id);
        broker::wait_for_stop();
        spdlog::info("Stopping");
    }
    einmal.stop();
    if (!announced) return std::unexpected(Failure{failure_status, announced.error()});
    return {};
}

int run_broker(const broker::CommandLine& command_line) {
    broker::set_up_logging(command_line.log_level);
    broker::raise_open_file_limit();
    broker::hold_signals();
    auto config = read_settings(command_line);
    auto outcome = config ? run(*std::move(config), command_line)
                          : std::expected<void, Failure>(std::unexpected(config.error()));
    if (outcome) return 0;
    fmt::print(stderr, "einmal: {}\n", outcome.error().text);
    return outcome.error().status;
}

}  // namespace

int main(int argument_count, char** arguments) {
    const auto command_line =
        broker::parse_command_line({arguments + 1, arguments + argument_count});
    if (!command_line) {
        fmt::print(command_line.error().status == 0 ? stdout : stderr, "{}",
                   command_line.error().text);
        return command_line.error().status;
    }
    if (command_line->wire) return inspect::run_wire_filter(std::cin, std::cout);
    if (command_line->dump_log)
        return inspect::run_dump_log(storage::posix_file_system(), *command_line->dump_log,
                                     std::cout, std::cerr);
    try {
        return run_broker(*command_line);
    } catch (const std::exception& error) {
        fmt::print(stderr, "einmal: {}\n", error.what());
        return failure_status;
    }
}
