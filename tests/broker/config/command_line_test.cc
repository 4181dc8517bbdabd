#include "broker/command_line.h"

#include <doctest/doctest.h>

#include "broker/config/nearest_name.h"

using broker::parse_command_line;
using broker::config::Values;

namespace {

broker::EarlyExit early_exit(std::vector<std::string> arguments) {
    const auto parsed = parse_command_line(std::move(arguments));
    REQUIRE_FALSE(parsed);
    return parsed.error();
}

}  // namespace

TEST_CASE("without arguments nothing is overridden") {
    const auto parsed = parse_command_line({});
    REQUIRE(parsed);
    CHECK(parsed->overrides.empty());
    CHECK_FALSE(parsed->properties_file);
    CHECK_FALSE(parsed->port_file);
    CHECK_FALSE(parsed->wire);
    CHECK(parsed->log_level == "info");
}

TEST_CASE("flags become config keys") {
    const auto parsed = parse_command_line({"server.properties", "--listen", "127.0.0.1:0",
                                            "--data-dir", "data", "--threads", "2", "--seed", "42",
                                            "--log-level", "debug", "--port-file", "port"});
    REQUIRE(parsed);
    CHECK(parsed->properties_file == "server.properties");
    CHECK(parsed->port_file == "port");
    CHECK(parsed->log_level == "debug");
    CHECK(parsed->overrides == Values{{"listeners", "PLAINTEXT://127.0.0.1:0"},
                                      {"log.dirs", "data"},
                                      {"einmal.threads", "2"},
                                      {"einmal.seed", "42"}});
}

TEST_CASE("several addresses are listeners with several names") {
    const auto parsed = parse_command_line({"--listen", "a:1", "--listen", "b:2"});
    REQUIRE(parsed);
    CHECK(parsed->overrides.at("listeners") == "PLAINTEXT://a:1,PLAINTEXT_2://b:2");
    CHECK(
        parsed->overrides.at("listener.security.protocol.map").ends_with(",PLAINTEXT_2:PLAINTEXT"));
}

TEST_CASE("a key given with -c may hold further equals signs") {
    const auto parsed =
        parse_command_line({"-c", "a.b=c=d", "--override", "num.partitions=3", "file"});
    REQUIRE(parsed);
    CHECK(parsed->overrides == Values{{"a.b", "c=d"}, {"num.partitions", "3"}});
    CHECK(parsed->properties_file == "file");
}

TEST_CASE("-c without a value is a usage error") {
    CHECK(early_exit({"-c", "num.partitions"}).status == 2);
    CHECK(early_exit({"-c", "=3"}).status == 2);
}

TEST_CASE("an unknown flag is a usage error that names the nearest flag") {
    const auto exit = early_exit({"--prot-file", "x"});
    CHECK(exit.status == 2);
    CHECK(exit.text.find("unknown flag --prot-file; the nearest is --port-file") !=
          std::string::npos);
    CHECK(early_exit({"--data-dri=x"}).text.find("the nearest is --data-dir") != std::string::npos);
}

TEST_CASE("a second file, a bad number and a bad level are usage errors") {
    CHECK(early_exit({"a", "b"}).status == 2);
    CHECK(early_exit({"--threads", "many"}).status == 2);
    CHECK(early_exit({"--log-level", "loud"}).status == 2);
}

TEST_CASE("help and version are no errors") {
    CHECK(early_exit({"--help"}).status == 0);
    CHECK(early_exit({"--help"}).text.find("--data-dir") != std::string::npos);
    CHECK(early_exit({"--version"}).status == 0);
    CHECK(early_exit({"--version"}).text.starts_with("einmal "));
}

TEST_CASE("wire is a command of its own") {
    const auto parsed = parse_command_line({"wire"});
    REQUIRE(parsed);
    CHECK(parsed->wire);
    CHECK(early_exit({"wire", "--colour"}).status == 2);
}

TEST_CASE("the distance of names counts a swap of neighbours as one mistake") {
    using broker::config::edit_distance;
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("abc", "abc") == 0);
    CHECK(edit_distance("abc", "acb") == 1);
    CHECK(edit_distance("abc", "abd") == 1);
    CHECK(edit_distance("abc", "ab") == 1);
}
