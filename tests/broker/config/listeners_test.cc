#include "broker/config/listeners.h"

#include <doctest/doctest.h>

using namespace broker::config;

namespace {

std::expected<std::vector<Listener>, ConfigError> listeners_of(Values fixed) {
    return resolve_listeners({.fixed = std::move(fixed)});
}

std::string refusal(Values fixed) {
    const auto listeners = listeners_of(std::move(fixed));
    return listeners ? "accepted" : listeners.error().message;
}

constexpr auto protocol_map = "listener.security.protocol.map";

}  // namespace

TEST_CASE("without settings there is one listener on the loopback address") {
    const auto listeners = listeners_of({});
    REQUIRE(listeners);
    CHECK(*listeners == std::vector<Listener>{{"PLAINTEXT", {"127.0.0.1", 9092}, std::nullopt}});
}

TEST_CASE("controller listeners are accepted and not opened") {
    const auto listeners = listeners_of(
        {{"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
         {"controller.listener.names", "CONTROLLER"},
         {"advertised.listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093"},
         {protocol_map, "PLAINTEXT:PLAINTEXT,CONTROLLER:SSL"}});
    REQUIRE(listeners);
    REQUIRE(listeners->size() == 1);
    CHECK(listeners->front() == Listener{"PLAINTEXT", {"", 9092}, Endpoint{"localhost", 9092}});
    CHECK(listeners->front().is_wildcard());
}

TEST_CASE("listeners may have any name that has a protocol, in any case") {
    const auto listeners = listeners_of({{"listeners", "docker://0.0.0.0:1,HOST://[::1]:2"},
                                         {protocol_map, "DOCKER:PLAINTEXT,host:PLAINTEXT"},
                                         {"advertised.listeners", "Host://h:3"}});
    REQUIRE(listeners);
    CHECK(listeners->at(0) == Listener{"DOCKER", {"0.0.0.0", 1}, std::nullopt});
    CHECK(listeners->at(1) == Listener{"HOST", {"::1", 2}, Endpoint{"h", 3}});
}

TEST_CASE("a listener that asks for encryption or authentication is refused") {
    CHECK(refusal({{"listeners", "SASL_SSL://:9092"}}) ==
          "listeners: SASL_SSL asks for SASL_SSL; only PLAINTEXT is served");
}

TEST_CASE("a listener without a protocol is refused") {
    CHECK(refusal({{"listeners", "DOCKER://:9092"}}) ==
          "listener.security.protocol.map: no protocol for listener DOCKER");
}

TEST_CASE("an address that cannot be read is refused") {
    for (const auto* address : {"PLAINTEXT://:70000", "PLAINTEXT://:-1", "PLAINTEXT://h", "h:9092",
                                "://h:1", "PLAINTEXT://::1:9092", "PLAINTEXT://h:", "x"}) {
        CAPTURE(address);
        CHECK(refusal({{"listeners", address}}) ==
              std::string("listeners=") + address + ": an address is written NAME://host:port");
    }
}

TEST_CASE("a listener name given twice is refused") {
    CHECK(refusal({{"listeners", "PLAINTEXT://:1,plaintext://:2"}}) ==
          "listeners: PLAINTEXT is there twice");
}

TEST_CASE("advertising a listener that is not there is refused") {
    CHECK(refusal({{"advertised.listeners", "SSL://h:1"}}) ==
          "advertised.listeners: SSL is not one of the listeners");
}

TEST_CASE("advertising a wildcard address is refused") {
    CHECK(refusal({{"advertised.listeners", "PLAINTEXT://0.0.0.0:9092"}}) ==
          "advertised.listeners: no client can connect to 0.0.0.0 of PLAINTEXT");
}

TEST_CASE("a broker with only controller listeners is refused") {
    CHECK(refusal({{"listeners", "CONTROLLER://:9093"}}) == "listeners: there is none for clients");
}
