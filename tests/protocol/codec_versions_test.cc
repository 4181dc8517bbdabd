#include <doctest/doctest.h>

#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/message_registry.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/produce.h"
#include "tests/protocol/golden_bytes.h"

using namespace protocol;

TEST_CASE("the API table stands in the order of its keys") {
    for (size_t key = 0; key < apis.size(); ++key)
        CHECK(apis[key].key == static_cast<int16_t>(key));
    CHECK(find_api(18)->name == "ApiVersions");
    CHECK(find_api(-1) == nullptr);
    CHECK(find_api(95) == nullptr);
}

TEST_CASE("what is declared has the versions of the API table") {
    size_t found = 0;
    for (const Api& api : apis) {
        for (const char* kind : {"Request", "Response"}) {
            const MessageType* type = find_message_type(std::string(api.name) + kind);
            if (type == nullptr) continue;
            ++found;
            CAPTURE(type->schema);
            CHECK(type->valid == api.valid);
        }
    }
    CHECK(found >= 56);
}

TEST_CASE("Produce v0 is listed and refused, InitProducerId v6 neither listed nor served") {
    CHECK(find_api(0)->advertised.contains(0));
    CHECK_FALSE(find_api(0)->is_served(2));
    CHECK(find_api(0)->is_served(3));
    CHECK(find_api(22)->valid.contains(6));
    CHECK_FALSE(find_api(22)->advertised.contains(6));
    CHECK_FALSE(find_api(22)->is_served(6));
    CHECK_FALSE(find_api(52)->is_served(0));  // Vote is the controllers'
}

TEST_CASE("a body is read by the version that was asked for, valid or not") {
    CHECK(decode<MetadataRequest>(hex("00" "00" "00" "00"), 14));
    CHECK(decode<ProduceRequest>(hex("ffff" "0001" "00000000" "00000000"), 2));
}

TEST_CASE("topic ids take the place of topic names") {
    ProduceRequest request;
    request.topic_data.push_back({.name = "orders", .topic_id = Uuid{{std::byte{1}}}});
    const Blob with_name = encode(request, 12);
    const Blob with_id = encode(request, 13);
    CHECK(with_name == hex("00" "0000" "00000000" "02" "07" "6f7264657273" "01" "00" "00"));
    CHECK(with_id ==
          hex("00" "0000" "00000000" "02" "01000000000000000000000000000000" "01" "00" "00"));
    CHECK(decode<ProduceRequest>(with_name, 12)->topic_data[0].name == "orders");
    CHECK(decode<ProduceRequest>(with_id, 13)->topic_data[0].name == "");
    CHECK(decode<ProduceRequest>(with_id, 13)->topic_data[0].topic_id ==
          request.topic_data[0].topic_id);
}

TEST_CASE("a message is written in the shape of its version, whatever is filled in") {
    FindCoordinatorRequest request{.key = "g", .key_type = 1, .coordinator_keys = {"h"}};
    CHECK(encode(request, 0) == hex("0001" "67"));
    CHECK(encode(request, 3) == hex("02" "67" "01" "00"));
    CHECK(encode(request, 4) == hex("01" "02" "02" "68" "00"));
    AddPartitionsToTxnRequest add{.v3_and_below_transactional_id = "t"};
    add.transactions.push_back({.transactional_id = "u"});
    CHECK(encode(add, 3) == hex("02" "74" "0000000000000000" "0000" "01" "00"));
    CHECK(encode(add, 4) == hex("02" "02" "75" "0000000000000000" "0000" "00" "01" "00" "00"));
}

TEST_CASE("a follower's id leads Fetch up to v14 and is a tag from v15") {
    FetchRequest request{.replica_id = 5, .replica_state = {.replica_id = 5, .replica_epoch = 9}};
    const std::string rest =
        "00000000" "00000000" "7fffffff" "00" "00000000" "ffffffff" "01" "01" "01";
    CHECK(encode(request, 14) == hex("00000005" + rest + "00"));
    CHECK(encode(request, 15) == hex(rest + "01" "01" "0d" "00000005" "0000000000000009" "00"));
    request.cluster_id = "c";
    CHECK(encode(request, 15) ==
          hex(rest + "02" "00" "02" "02" "63" "01" "0d" "00000005" "0000000000000009" "00"));
}

TEST_CASE("a field that ended is not written any more") {
    const MetadataRequest request{.include_cluster_authorized_operations = true};
    CHECK(encode(request, 7) == hex("00000000" "01"));
    CHECK(encode(request, 8) == hex("00000000" "01" "01" "00"));
    CHECK(encode(request, 10) == hex("01" "01" "01" "00" "00"));
    CHECK(encode(request, 11) == hex("01" "01" "00" "00"));
}

TEST_CASE("null topics of a Metadata request are all from v1 on, and no request in v0") {
    CHECK_FALSE(decode<MetadataRequest>(hex("ffffffff"), 0));
    REQUIRE(decode<MetadataRequest>(hex("ffffffff"), 1));
    CHECK_FALSE(decode<MetadataRequest>(hex("ffffffff"), 1)->topics);
    REQUIRE(decode<MetadataRequest>(hex("00000000"), 0));
    CHECK(decode<MetadataRequest>(hex("00000000"), 0)->topics->empty());
}

TEST_CASE("a field is null in the versions that know null") {
    CHECK_FALSE(decode<OffsetFetchRequest>(hex("0001" "67" "ffffffff"), 1));
    CHECK(decode<OffsetFetchRequest>(hex("0001" "67" "ffffffff"), 2));
    CHECK_FALSE(decode<MetadataRequest>(hex("02" "00" "00" "00" "00" "00" "00"), 9));
    CHECK(decode<MetadataRequest>(
        hex("02" "00000000000000000000000000000000" "00" "00" "00" "00" "00" "00"), 10));
}

TEST_CASE("a null that the version does not know is written as empty") {
    const JoinGroupResponse response{.protocol_name = std::nullopt};
    CHECK(encode(response, 6) == hex("00000000" "0000" "ffffffff" "01" "01" "01" "01" "00"));
    CHECK(encode(response, 7) == hex("00000000" "0000" "ffffffff" "00" "00" "01" "01" "01" "00"));
    const MetadataRequest request{.topics = std::nullopt};
    CHECK(encode(request, 0) == hex("00000000"));
    CHECK(encode(request, 1) == hex("ffffffff"));
}

TEST_CASE("the same topic twice stays twice, in its order") {
    const Blob body = hex("00000003" "000161" "000162" "000161" "00000007");
    const auto request = decode<DeleteTopicsRequest>(body, 1);
    REQUIRE(request);
    CHECK(request->topic_names == std::vector<std::string_view>{"a", "b", "a"});
    CHECK(encode(*request, 1) == body);
}

TEST_CASE("defaults are the schema's, which are not always zero") {
    const MetadataResponse metadata;
    CHECK(metadata.cluster_authorized_operations == std::numeric_limits<int32_t>::min());
    CHECK(metadata.controller_id == -1);
    CHECK(ProduceResponse::TopicProduceResponse::PartitionProduceResponse{}.log_append_time_ms ==
          -1);
    CHECK(FetchRequest::FetchTopic::FetchPartition{}.high_watermark ==
          std::numeric_limits<int64_t>::max());
    // What a version does not have keeps its default when read.
    const auto request =
        decode<JoinGroupRequest>(hex("0001" "67" "00000001" "0000" "0001" "63" "00000000"), 0);
    REQUIRE(request);
    CHECK(request->rebalance_timeout_ms == -1);
}
