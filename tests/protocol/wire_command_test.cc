#include "tools/inspect/wire_command.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "protocol/record_batch.h"
#include "tools/inspect/hex.h"

namespace {

// The filter's whole output for `input`.
std::string filtered(const std::string& input) {
    std::istringstream in(input);
    std::ostringstream out;
    CHECK(inspect::run_wire_filter(in, out) == 0);
    return out.str();
}

bool is_error(const std::string& line) {
    const auto answer = nlohmann::json::parse(filtered(line));
    return answer.size() == 1 && answer["error"].is_string();
}

}  // namespace

TEST_CASE("the wire filter writes a body again and shows it as JSON") {
    CHECK(filtered(R"({"kind":"request","api":"FindCoordinator","version":3,"hex":"026701 00"})") ==
          "{\"error\":\"no kind or no hex\"}\n");
    CHECK(filtered(R"({"kind":"request","api":"FindCoordinator","version":3,"hex":"02670100"})") ==
          R"({"hex":"02670100","json":{"key":"g","keyType":1}})" "\n");
}

TEST_CASE("the wire filter drops unknown tags and counts what is left over") {
    CHECK(filtered(R"({"kind":"request","api":"ListGroups","version":3,"hex":"01630100abcd"})") ==
          R"({"hex":"00","json":{},"left":2})" "\n");
}

TEST_CASE("the wire filter reads whole frames, headers and stored records") {
    const std::string about = R"({"kind":"response_frame","api":"Heartbeat","version":4,)";
    const std::string frame = R"("hex":"0000000c000000070000000000001b00")";
    const std::string shown = R"("header":{"correlationId":7},)";
    const std::string body = R"("json":{"throttleTimeMs":0,"errorCode":27})";
    CHECK(filtered(about + frame + "}") == "{" + frame + "," + shown + body + "}\n");
    CHECK(filtered(R"({"kind":"response_header","headerVersion":1,"hex":"0000000700"})") ==
          R"({"hex":"0000000700","json":{"correlationId":7}})" "\n");
    const std::string key = R"({"kind":"coordinator_key","schema":"GroupMetadataKey",)";
    CHECK(filtered(key + R"("framing":"type16","recordType":2,"hex":"0002000167"})") ==
          R"({"hex":"0002000167","json":{"group":"g"}})" "\n");
}

TEST_CASE("the wire filter describes record batches, and refuses one with a wrong CRC") {
    protocol::BatchBuilder builder({.base_offset = 7});
    builder.add(1'700'000'000'000, std::nullopt, protocol::Bytes());
    protocol::Blob batch = builder.build();
    const auto line = [&] {
        return nlohmann::json{{"kind", "batches"}, {"hex", inspect::to_hex(batch)}}.dump();
    };
    const auto answer = nlohmann::json::parse(filtered(line()));
    CHECK(answer["hex"] == inspect::to_hex(batch));
    CHECK(answer["json"][0]["baseOffset"] == 7);
    CHECK(answer["json"][0]["records"][0]["value"] == "");
    batch.back() ^= std::byte{1};
    CHECK(is_error(line()));
}

TEST_CASE("the wire filter answers every line, and a bad one with an error") {
    CHECK(filtered("") == "");
    const std::string lines = filtered("nonsense\n[]\n{}\n");
    CHECK(std::ranges::count(lines, '\n') == 3);
    for (const auto* line : {
             "nonsense",
             "[]",
             "7",
             "{\"kind\":\"request\xff\",\"hex\":\"\"}",
             R"({"kind":7,"hex":"00"})",
             R"({"kind":"request","hex":"0"})",
             R"({"kind":"request","hex":"zz","api":"Metadata","version":1})",
             R"({"kind":"request","hex":"00","api":"Metadata"})",
             R"({"kind":"request","hex":"00","api":"Metadata","version":-1})",
             R"({"kind":"request","hex":"00","api":"Metadata","version":99999})",
             R"({"kind":"request","hex":"00","api":"NoSuchThing","version":0})",
             R"({"kind":"request","hex":"00","api":"Metadata","version":1})",
             R"({"kind":"request_frame","hex":"00000001","api":"Metadata","version":1})",
             R"({"kind":"request_frame","hex":"ffffffff","api":"Metadata","version":1})",
             R"({"kind":"request_header","hex":"00"})",
             R"({"kind":"data","hex":"00","schema":"AbortedTxn","framing":"sideways"})",
             R"({"kind":"data","hex":"","schema":"AbortedTxn","framing":"version16"})",
             R"({"kind":"data","hex":"020000","schema":"TopicRecord","framing":"metadata"})",
             R"({"kind":"poem","hex":"00"})",
         }) {
        CAPTURE(line);
        CHECK(is_error(line));
    }
}
