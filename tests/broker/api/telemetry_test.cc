// Clients' metrics from one end to the other (KIP-714).
#include <doctest/doctest.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/get_telemetry_subscriptions.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/push_telemetry.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/client.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

constexpr Uuid instance_id{{std::byte{7}}};

// What the broker logs.
class Log {
  public:
    Log() : level_(spdlog::default_logger()->level()) {
        spdlog::default_logger()->sinks().push_back(lines_);
        spdlog::default_logger()->set_level(spdlog::level::info);
    }
    ~Log() {
        spdlog::default_logger()->set_level(level_);
        spdlog::default_logger()->sinks().pop_back();
    }
    bool has(std::string_view text) const {
        return std::ranges::any_of(lines_->last_formatted(), [&](const std::string& line) {
            return line.find(text) != line.npos;
        });
    }

  private:
    std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines_ =
        std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100);
    spdlog::level::level_enum level_;
};

void subscribe(Client& client, std::string_view match) {
    constexpr int8_t client_metrics = 16;
    const IncrementalAlterConfigsRequest request{
        .resources = {
            {.resource_type = client_metrics,
             .resource_name = "watched",
             .configs = {
                 {"metrics", 0, "a."}, {"interval.ms", 0, "300000"}, {"match", 0, match}}}}};
    const auto answer = client.call<IncrementalAlterConfigsResponse>(request, 1);
    REQUIRE(answer->responses.at(0).error_code == ErrorCode::none);
}

auto ask(Client& client, const Uuid& instance) {
    return *client.call<GetTelemetrySubscriptionsResponse>(
        GetTelemetrySubscriptionsRequest{.client_instance_id = instance}, 0);
}

void introduce(Client& client, std::string_view name) {
    const ApiVersionsRequest request{.client_software_name = name,
                                     .client_software_version = "1.0"};
    REQUIRE(client.call<ApiVersionsResponse>(request, 3)->error_code == ErrorCode::none);
}

ErrorCode push(Client& client, const PushTelemetryRequest& request) {
    return client.call<PushTelemetryResponse>(request, 0)->error_code;
}

// MetricsData with one gauge, a.gauge, of 1.5.
Blob gauge() {
    const std::vector<uint8_t> point{0x21, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f};
    const auto message = [](uint8_t field, const std::vector<uint8_t>& content) {
        std::vector<uint8_t> bytes{static_cast<uint8_t>(field << 3 | 2),
                                   static_cast<uint8_t>(content.size())};
        bytes.insert(bytes.end(), content.begin(), content.end());
        return bytes;
    };
    std::vector<uint8_t> metric = message(1, {'a', '.', 'g', 'a', 'u', 'g', 'e'});
    const auto value = message(5, message(1, point));
    metric.insert(metric.end(), value.begin(), value.end());
    const auto data = message(1, message(2, message(2, metric)));
    Blob blob(data.size());
    std::ranges::transform(data, blob.begin(), [](uint8_t byte) { return std::byte{byte}; });
    return blob;
}

}  // namespace

TEST_CASE("a client asks what to push, pushes it, and the broker's log has it") {
    const Log log;
    TestBroker broker;
    Client client(broker.port());
    subscribe(client, "");
    const auto told = ask(client, instance_id);
    CHECK(told.error_code == ErrorCode::none);
    CHECK(told.client_instance_id == instance_id);
    CHECK(told.requested_metrics == std::vector<std::string>{"a."});
    CHECK(told.push_interval_ms == 300'000);
    CHECK(told.telemetry_max_bytes == 1'048'576);
    const Blob metrics = gauge();
    PushTelemetryRequest request{.client_instance_id = instance_id,
                                 .subscription_id = told.subscription_id,
                                 .metrics = metrics};
    CHECK(push(client, request) == ErrorCode::none);
    CHECK(log.has("pushes 1 metrics"));
    CHECK(log.has("a.gauge 1.5"));
    request.terminating = true;
    request.metrics = Bytes(metrics).first(metrics.size() - 1);
    CHECK(push(client, request) == ErrorCode::invalid_record);
    request.client_instance_id = {};
    CHECK(push(client, request) == ErrorCode::invalid_request);
}

TEST_CASE("subscriptions outlive the broker, and tell clients by what they said of themselves") {
    TestBroker broker;
    {
        Client client(broker.port());
        subscribe(client, "client_software_name=watched,client_software_version=1\\..*");
    }
    broker.restart();
    Client client(broker.port());
    CHECK(ask(client, {}).requested_metrics.empty());
    introduce(client, "other");
    CHECK(ask(client, {}).requested_metrics.empty());
    introduce(client, "watched");
    const auto told = ask(client, {});
    CHECK(told.requested_metrics == std::vector<std::string>{"a."});
    CHECK_FALSE(told.client_instance_id.is_zero());
    CHECK(ask(client, {}).client_instance_id != told.client_instance_id);
}

TEST_CASE("telemetry.max.bytes bounds a push") {
    TestBroker broker({{"telemetry.max.bytes", "10"}});
    Client client(broker.port());
    subscribe(client, "");
    const auto told = ask(client, instance_id);
    CHECK(told.telemetry_max_bytes == 10);
    const Blob metrics = gauge();
    CHECK(push(client, {.client_instance_id = instance_id,
                        .subscription_id = told.subscription_id,
                        .metrics = metrics}) == ErrorCode::telemetry_too_large);
}
