// When a client may ask for its subscription, and when and what it may push.
#include "broker/telemetry/client_instances.h"

#include <doctest/doctest.h>

#include <cstring>

using namespace broker::telemetry;
using protocol::ErrorCode;

namespace {

constexpr int32_t bytes_max = 100;
constexpr int64_t interval_ms = 1000;

struct Conversation {
    Conversation() { ask_for("a."); }

    void ask_for(const std::string& metrics) {
        subscriptions.configure("a", {{"metrics", metrics}, {"interval.ms", "1000"}});
    }
    ErrorCode subscribe(int64_t now_ms) {
        const auto told = clients.subscribe(subscriptions, client, now_ms);
        if (!told) return told.error();
        push.subscription_id = told->id;
        return ErrorCode::none;
    }
    ErrorCode admit(int64_t now_ms) {
        return clients.admit(subscriptions, client, push, bytes_max, now_ms);
    }

    Subscriptions subscriptions;
    ClientInstances clients;
    Client client{.instance_id = {{std::byte{1}}}, .client_id = "app"};
    protocol::PushTelemetryRequest push;
};

}  // namespace

TEST_CASE("a client pushes once after it asked, and then once an interval") {
    Conversation with;
    CHECK(with.subscribe(5) == ErrorCode::none);
    CHECK(with.admit(10) == ErrorCode::none);
    CHECK(with.admit(10 + interval_ms - 1) == ErrorCode::throttling_quota_exceeded);
    CHECK(with.admit(10 + interval_ms) == ErrorCode::none);
}

TEST_CASE("a client asks again once an interval since it last did or pushed") {
    Conversation with;
    CHECK(with.subscribe(0) == ErrorCode::none);
    CHECK(with.subscribe(interval_ms - 1) == ErrorCode::throttling_quota_exceeded);
    CHECK(with.admit(500) == ErrorCode::none);
    CHECK(with.subscribe(interval_ms) == ErrorCode::throttling_quota_exceeded);
    CHECK(with.subscribe(500 + interval_ms) == ErrorCode::none);
}

TEST_CASE("a client that knows an old subscription may ask for the new one at once") {
    Conversation with;
    CHECK(with.subscribe(0) == ErrorCode::none);
    with.ask_for("b.");
    CHECK(with.admit(1) == ErrorCode::unknown_subscription_id);
    CHECK(with.subscribe(2) == ErrorCode::none);
    CHECK(with.subscribe(3) == ErrorCode::throttling_quota_exceeded);
    // As in Kafka: the push that was refused counts.
    CHECK(with.admit(4) == ErrorCode::throttling_quota_exceeded);
    CHECK(with.admit(1 + interval_ms) == ErrorCode::none);
}

TEST_CASE("a client that packs as nobody can may ask at once what it can use") {
    Conversation with;
    CHECK(with.subscribe(0) == ErrorCode::none);
    for (const auto codec : {int8_t{-1}, int8_t{5}}) {
        CAPTURE(codec);
        with.push.compression_type = codec;
        CHECK(with.admit(interval_ms * (codec + 2)) == ErrorCode::unsupported_compression_type);
    }
    CHECK(with.subscribe(interval_ms * 7 + 1) == ErrorCode::none);
}

TEST_CASE("the last push is the last one, taken or not") {
    Conversation with;
    CHECK(with.subscribe(0) == ErrorCode::none);
    ++with.push.subscription_id;
    with.push.terminating = true;
    CHECK(with.admit(1) == ErrorCode::unknown_subscription_id);
    --with.push.subscription_id;
    CHECK(with.admit(2) == ErrorCode::invalid_request);
}

TEST_CASE("what is larger than the limit is not taken") {
    Conversation with;
    const protocol::Blob metrics(bytes_max + 1);
    CHECK(with.subscribe(0) == ErrorCode::none);
    with.push.metrics = metrics;
    CHECK(with.admit(1) == ErrorCode::telemetry_too_large);
    with.push.metrics = protocol::Bytes(metrics).first(bytes_max);
    CHECK(with.admit(1 + interval_ms) == ErrorCode::none);
}

TEST_CASE("the last push may come early, and nothing comes after it") {
    Conversation with;
    CHECK(with.subscribe(0) == ErrorCode::none);
    CHECK(with.admit(1) == ErrorCode::none);
    with.push.terminating = true;
    CHECK(with.admit(2) == ErrorCode::none);
    CHECK(with.admit(3) == ErrorCode::invalid_request);
    with.push.terminating = false;
    CHECK(with.admit(3 + interval_ms) == ErrorCode::invalid_request);
}

TEST_CASE("the clients that are remembered are bounded, and clients do not wait for each other") {
    Conversation with;
    for (uint32_t i = 1; i <= 20'000; ++i) {
        std::memcpy(with.client.instance_id.bytes.data(), &i, sizeof i);
        REQUIRE(with.subscribe(0) == ErrorCode::none);
    }
    CHECK(with.clients.count() == 16'384);
}
