#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "protocol/messages/fetch.h"
#include "protocol/messages/produce.h"
#include "protocol/stored/control_records.h"
#include "tests/protocol/golden_bytes.h"
#include "tests/protocol/one_field.h"

using namespace protocol;

namespace {

std::string json_text(std::string_view text) { return to_json(One<std::string_view>{text}, 0); }

}  // namespace

TEST_CASE("a message prints as Kafka's JsonConverter prints it") {
    const Blob batch = hex("00ff10");
    ProduceRequest request{.acks = -1, .timeout_ms = 1500};
    request.topic_data.push_back({.name = "orders",
                                  .topic_id = Uuid{{std::byte{0xfb}}},
                                  .partition_data = {{.index = 0, .records = Records{batch}}}});
    const std::string head = R"({"transactionalId":null,"acks":-1,"timeoutMs":1500,"topicData":[)";
    const std::string tail = R"(,"partitionData":[{"index":0,"records":"AP8Q"}]}]})";
    CHECK(to_json(request, 12) == head + R"({"name":"orders")" + tail);
    CHECK(to_json(request, 13) == head + R"({"topicId":"-wAAAAAAAAAAAAAAAAAAAA")" + tail);
    CHECK(to_json(KRaftVersionRecord{}, 0) == R"({"version":0,"kRaftVersion":0})");
}

TEST_CASE("bytes print in base64 with padding") {
    for (const auto& [digits, text] :
         {std::pair{"", ""}, {"00", "AA=="}, {"0001", "AAE="}, {"fbffbf", "+/+/"}}) {
        const Blob bytes = hex(digits);
        CHECK(to_json(One<Bytes>{bytes}, 0) == "{\"value\":\"" + std::string(text) + "\"}");
    }
}

TEST_CASE("a tagged field prints unless it has its default") {
    FetchRequest request;
    CHECK_FALSE(nlohmann::json::parse(to_json(request, 15)).contains("replicaState"));
    request.replica_state.replica_id = 4;
    CHECK(nlohmann::json::parse(to_json(request, 15))["replicaState"] ==
          nlohmann::json{{"replicaId", 4}, {"replicaEpoch", -1}});
}

TEST_CASE("quotes, controls and other planes print so that JSON gives them back") {
    for (const std::string text :
         {"\"\\/\b\f\n\r\t", "\x01\x1f\x7f", "\xC3\xBC\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
        CHECK(nlohmann::json::parse(json_text(text))["value"] == text);
    }
    CHECK(nlohmann::json::parse(json_text(std::string_view("\0", 1)))["value"] ==
          std::string(1, '\0'));
}

TEST_CASE("what is not UTF-8 prints as replacement characters, as many as in Java") {
    const auto replaced = [](std::string_view text) {
        return nlohmann::json::parse(json_text(text))["value"].get<std::string>();
    };
    const std::string mark = "\xEF\xBF\xBD";
    CHECK(replaced("a\xff" "b") == "a" + mark + "b");
    CHECK(replaced("\x80\xBF") == mark + mark);
    CHECK(replaced("\xC0\x80") == mark + mark);
    CHECK(replaced("\xED\xA0\x80") == mark);  // a surrogate, as a whole
    CHECK(replaced("\xE2\x82") == mark);      // ends in the middle
    CHECK(replaced("\xE2\x82x") == mark + "x");
    CHECK(replaced("\xE0\x80\x80") == mark + mark + mark);  // longer than it need be
    CHECK(replaced("\xF0\x9F\x98") == mark);
    CHECK(replaced("\xF4\x90\x80\x80") == mark + mark + mark + mark);  // beyond the last plane
    CHECK(replaced("\xF5\x80") == mark + mark);
}

TEST_CASE("a number that is none prints as text") {
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(to_json(One<double>{infinity}, 0) == R"({"value":"Infinity"})");
    CHECK(to_json(One<double>{-infinity}, 0) == R"({"value":"-Infinity"})");
    CHECK(to_json(One<double>{std::numeric_limits<double>::quiet_NaN()}, 0) ==
          R"({"value":"NaN"})");
    CHECK(nlohmann::json::parse(to_json(One<double>{0.1}, 0))["value"] == 0.1);
}
