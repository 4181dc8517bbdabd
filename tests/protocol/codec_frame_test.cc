#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "protocol/frame.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/produce.h"
#include "tests/protocol/golden_bytes.h"

using namespace protocol;

namespace {

// What the socket gathers.
Blob gather(const Encoded& encoded) {
    Blob joined;
    size_t from = 0;
    const auto take = [&](size_t to) {
        joined.insert(joined.end(), encoded.bytes.begin() + static_cast<ptrdiff_t>(from),
                      encoded.bytes.begin() + static_cast<ptrdiff_t>(to));
        from = to;
    };
    for (const Splice& splice : encoded.splices) {
        take(splice.at);
        joined.insert(joined.end(), splice.records.begin(), splice.records.end());
    }
    take(encoded.bytes.size());
    return joined;
}

std::optional<RequestHeader> read_header(const Blob& frame, size_t body_bytes) {
    Reader reader(frame);
    const auto header = decode_request_header(reader);
    if (header) CHECK(reader.remaining() == body_bytes);
    return header;
}

}  // namespace

TEST_CASE("a request header has a client id of int16 length in both its versions") {
    const Blob v1 = hex("0000" "0003" "00000007" "0002" "6162" "ffff");
    const auto plain = read_header(v1, 2);
    REQUIRE(plain);
    CHECK(plain->request_api_key == 0);
    CHECK(plain->request_api_version == 3);
    CHECK(plain->correlation_id == 7);
    CHECK(*plain->client_id == "ab");
    const Blob v2 = hex("0000" "0009" "00000007" "0002" "6162" "00" "ffff");
    const auto flexible = read_header(v2, 2);
    REQUIRE(flexible);
    CHECK(*flexible->client_id == "ab");
    CHECK(encode(*flexible, 2) == hex("0000" "0009" "00000007" "0002" "6162" "00"));
}

TEST_CASE("a client id of any negative length is none") {
    for (const auto* length : {"ffff", "fffe", "8000"}) {
        const Blob frame = hex("0000" "0009" "00000007" + std::string(length) + "00");
        const auto header = read_header(frame, 0);
        REQUIRE(header);
        CHECK_FALSE(header->client_id);
        CHECK(encode(*header, 2) == hex("0000" "0009" "00000007" "ffff" "00"));
    }
}

TEST_CASE("unknown tags are skipped in a request header too") {
    CHECK(read_header(hex("0003" "000c" "80000000" "ffff" "02" "c90102cbce" "ac030137"), 0));
    CHECK_FALSE(read_header(hex("0003" "000c" "80000000" "ffff" "01" "c901"), 0));
}

TEST_CASE("the request header of ApiVersions follows its version, known or not") {
    CHECK(read_header(hex("0012" "0002" "00000001" "ffff"), 0));
    CHECK(read_header(hex("0012" "0003" "00000001" "ffff" "00"), 0));
    CHECK(read_header(hex("0012" "007f" "00000001" "ffff" "00"), 0));
}

TEST_CASE("a header of a key that Kafka does not have, or without all its bytes, is refused") {
    CHECK_FALSE(read_header(hex("005f" "0000" "00000001" "ffff" "00"), 0));
    CHECK_FALSE(read_header(hex("ffff" "0000" "00000001" "ffff" "00"), 0));
    const Blob header = hex("0000" "0009" "00000007" "0002" "6162" "00");
    for (size_t size = 0; size < header.size(); ++size)
        CHECK_FALSE(
            read_header(Blob(header.begin(), header.begin() + static_cast<ptrdiff_t>(size)), 0));
}

TEST_CASE("a response header has tags in flexible versions, but never before ApiVersions") {
    const ApiVersionsResponse versions{.error_code = ErrorCode::unsupported_version};
    CHECK(gather(encode_response_frame(versions, 0, 1)) ==
          hex("0000000a" "00000001" "0023" "00000000"));
    CHECK(gather(encode_response_frame(versions, 3, 1)) ==
          hex("0000000c" "00000001" "0023" "01" "00000000" "00"));
    CHECK(gather(encode_response_frame(ProduceResponse{}, 8, 1)) ==
          hex("0000000c" "00000001" "00000000" "00000000"));
    CHECK(gather(encode_response_frame(ProduceResponse{}, 9, 1)) ==
          hex("0000000b" "00000001" "00" "01" "00000000" "00"));
}

TEST_CASE("a correlation id may be negative and comes back") {
    const Encoded frame =
        encode_response_frame(ProduceResponse{}, 8, std::numeric_limits<int32_t>::min());
    CHECK(gather(frame) == hex("0000000c" "80000000" "00000000" "00000000"));
}

TEST_CASE("the records of a response are left where they lie") {
    const Blob first(100, std::byte{1}), second(200, std::byte{2});
    FetchResponse response;
    response.responses.push_back({.topic = "orders"});
    auto& partitions = response.responses[0].partitions;
    partitions.push_back({.partition_index = 0, .records = Records{first}});
    partitions.push_back({.partition_index = 1, .records = Records{}});
    partitions.push_back({.partition_index = 2, .records = Records{second}});
    for (const int16_t version : {int16_t{4}, int16_t{12}, int16_t{17}}) {
        CAPTURE(version);
        const Encoded frame = encode_response_frame(response, version, 7);
        REQUIRE(frame.splices.size() == 2);  // there is nothing to splice of the empty one
        CHECK(frame.splices[0].records.data() == first.data());
        CHECK(frame.splices[1].records.data() == second.data());
        const Blob joined = gather(frame);
        CHECK(joined.size() == frame.total_bytes);
        const size_t head_bytes = response_head_bytes(FetchResponse::api_key, version);
        CHECK(Blob(joined.begin() + static_cast<ptrdiff_t>(head_bytes), joined.end()) ==
              encode(response, version));
    }
}

TEST_CASE("the records of a request are the frame's own bytes") {
    const Blob batch(100, std::byte{0x42});
    ProduceRequest request;
    request.topic_data.push_back(
        {.name = "orders", .partition_data = {{.index = 3, .records = Records{batch}}}});
    const Blob frame = encode(request, 12);
    const auto read = decode<ProduceRequest>(frame, 12);
    REQUIRE(read);
    const Bytes records = read->topic_data[0].partition_data[0].records->bytes;
    CHECK(records.data() > frame.data());
    CHECK(records.data() + records.size() < frame.data() + frame.size());
    CHECK(std::ranges::equal(records, batch));
}

TEST_CASE("ApiVersions writes only the tags that differ from their defaults") {
    ApiVersionsResponse response;
    response.api_keys.push_back({.api_key = 18, .max_version = 4});
    CHECK(encode(response, 0) == hex("0000" "00000001" "001200000004"));
    CHECK(encode(response, 3) == hex("0000" "02" "001200000004" "00" "00000000" "00"));
    response.finalized_features_epoch = 7;
    CHECK(encode(response, 3) ==
          hex("0000" "02" "001200000004" "00" "00000000" "01" "01" "08" "0000000000000007"));
}
