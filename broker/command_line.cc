#include "broker/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "broker/config/nearest_name.h"

#ifndef EINMAL_VERSION
#error "the build gives the version"
#endif

namespace broker {

namespace {

constexpr int usage_status = 2;
constexpr std::string_view dump_log_command = "dump-log";

constexpr std::array<std::string_view, 9> flags{"--listen",  "--data-dir",  "--override",
                                                "--threads", "--log-level", "--port-file",
                                                "--seed",    "--help",      "--version"};

// What CLI11 fills in.
struct Parsed {
    std::string properties_file;
    std::vector<std::string> listen;
    std::string data_dir;
    std::vector<std::string> overrides;
    std::optional<int64_t> threads;
    std::optional<int64_t> seed;
    std::string log_level = "info";
    std::string port_file;
};

std::unexpected<EarlyExit> refuse(std::string_view reason) {
    return std::unexpected(
        EarlyExit{usage_status, fmt::format("einmal: {} (see einmal --help)\n", reason)});
}

void describe(CLI::App& app, Parsed& parsed) {
    app.set_version_flag("--version", "einmal " EINMAL_VERSION);
    app.add_option("server.properties", parsed.properties_file,
                   "Apache Kafka's configuration file");
    app.add_option("--listen", parsed.listen,
                   "address to listen on, default 127.0.0.1:9092; port 0 takes any free one; "
                   "may be repeated")
        ->type_name("HOST:PORT")
        ->allow_extra_args(false);
    app.add_option("-d,--data-dir", parsed.data_dir,
                   "where everything is kept; default: a temporary directory, removed at exit")
        ->type_name("DIR");
    app.add_option("-c,--override", parsed.overrides,
                   "a configuration key of Kafka's or einmal's own; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    app.add_option("--threads", parsed.threads, "threads that serve, default 1")->type_name("N");
    app.add_option("-l,--log-level", parsed.log_level, "which log lines are printed")
        ->type_name("LEVEL")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));
    app.add_option("--port-file", parsed.port_file,
                   "file that gets the port of each listener, a line each, once all is ready")
        ->type_name("FILE");
    app.add_option("--seed", parsed.seed, "makes all random choices repeatable")->type_name("N");
    app.add_subcommand("wire", "read messages in hexadecimal from stdin, print them as JSON");
    app.add_subcommand(std::string(dump_log_command),
                       "print or verify the files of a data directory, with flags of its own");
    app.footer(
        "Without arguments einmal listens on 127.0.0.1:9092 and forgets everything at exit.\n"
        "KAFKA_ variables of the environment count as for the apache/kafka image.");
}

std::string unknown_argument(const std::string& argument) {
    if (!argument.starts_with("-")) return fmt::format("unexpected argument '{}'", argument);
    const auto flag = argument.substr(0, argument.find('='));
    return fmt::format("unknown flag {}; the nearest is {}", flag,
                       config::nearest_name(flag, flags).value_or(""));
}

// The first is PLAINTEXT, as clients of other setups know it; the others get a number.
void set_listeners(config::Values& overrides, const std::vector<std::string>& addresses) {
    std::vector<std::string> listeners;
    std::string protocols =
        std::string(*config::find_broker_key("listener.security.protocol.map")->default_value());
    for (size_t at = 0; at < addresses.size(); ++at) {
        const auto name = at == 0 ? "PLAINTEXT" : fmt::format("PLAINTEXT_{}", at + 1);
        listeners.push_back(fmt::format("{}://{}", name, addresses[at]));
        if (at > 0) protocols += fmt::format(",{}:PLAINTEXT", name);
    }
    overrides["listeners"] = fmt::format("{}", fmt::join(listeners, ","));
    if (addresses.size() > 1) overrides["listener.security.protocol.map"] = protocols;
}

std::expected<CommandLine, EarlyExit> interpret(const Parsed& parsed) {
    CommandLine result;
    if (!parsed.properties_file.empty()) result.properties_file = parsed.properties_file;
    if (!parsed.port_file.empty()) result.port_file = parsed.port_file;
    result.log_level = parsed.log_level;
    if (!parsed.listen.empty()) set_listeners(result.overrides, parsed.listen);
    if (!parsed.data_dir.empty()) result.overrides["log.dirs"] = parsed.data_dir;
    if (parsed.threads) result.overrides["einmal.threads"] = std::to_string(*parsed.threads);
    if (parsed.seed) result.overrides["einmal.seed"] = std::to_string(*parsed.seed);
    for (const auto& text : parsed.overrides) {
        const auto equals = text.find('=');
        if (equals == 0 || equals == text.npos) {
            return refuse(fmt::format("-c {}: KEY=VALUE is wanted", text));
        }
        const auto key = text.substr(0, equals);
        if (result.overrides.contains(key) && (key == "listeners" || key == "log.dirs")) {
            return refuse(fmt::format("-c {}: a flag says the same", key));
        }
        result.overrides[key] = text.substr(equals + 1);
    }
    return result;
}

}  // namespace

std::expected<CommandLine, EarlyExit> parse_command_line(std::vector<std::string> arguments) {
    if (!arguments.empty() && arguments.front() == dump_log_command)
        return CommandLine{.dump_log = std::vector(arguments.begin() + 1, arguments.end())};
    CLI::App app("A Kafka broker in one small binary, for exactly-once.", "einmal");
    Parsed parsed;
    describe(app, parsed);
    app.allow_extras();
    std::ranges::reverse(arguments);  // CLI11 takes them from the back.
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        return std::unexpected(EarlyExit{0, app.help()});
    } catch (const CLI::CallForVersion&) {
        return std::unexpected(EarlyExit{0, app.version() + "\n"});
    } catch (const CLI::ParseError& error) {
        return refuse(error.what());
    }
    if (const auto unknown = app.remaining(true); !unknown.empty()) {
        return refuse(unknown_argument(unknown.front()));
    }
    if (app.got_subcommand(std::string(dump_log_command))) return refuse("dump-log comes first");
    if (app.got_subcommand("wire")) return CommandLine{.wire = true};
    return interpret(parsed);
}

}  // namespace broker
