// Client quotas as an administrator sets and lists them, and as clients feel them.
#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "protocol/messages/alter_client_quotas.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_client_quotas.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

using Name = std::optional<std::string_view>;
using Part = AlterClientQuotasRequest::EntryData::EntityData;
using Component = DescribeClientQuotasRequest::ComponentData;
using Steady = std::chrono::steady_clock;

constexpr int16_t newest = 1;  // of both APIs
enum Match : int8_t { exactly = 0, of_others = 1, of_anybody = 2 };

ErrorCode alter_quota(Client& client, const std::vector<Part>& entity, std::string_view key,
                      std::optional<double> value) {
    AlterClientQuotasRequest request;
    request.entries = {
        {.entity = entity, .ops = {{.key = key, .value = value.value_or(0), .remove = !value}}}};
    return client.call<AlterClientQuotasResponse>(request, newest)->entries.at(0).error_code;
}

void set_quota(Client& client, const std::vector<Part>& entity, std::string_view key,
               double value) {
    REQUIRE(alter_quota(client, entity, key, value) == ErrorCode::none);
}

// Every quota that the filter finds, as "type=name,type=name key=value".
using Quotas = std::set<std::string>;
Quotas describe(Client& client, const std::vector<Component>& components = {},
                bool strict = false) {
    const DescribeClientQuotasRequest request{.components = components, .strict = strict};
    const auto answer = client.call<DescribeClientQuotasResponse>(request, newest);
    REQUIRE(answer->error_code == ErrorCode::none);
    Quotas quotas;
    for (const auto& entry : *answer->entries) {
        std::string entity;
        for (const auto& [type, name] : entry.entity) {
            if (!entity.empty()) entity += ",";
            entity += type + "=" + name.value_or("(others)");
        }
        for (const auto& [key, value] : entry.values)
            quotas.insert(entity + " " + key + "=" + std::to_string(static_cast<int>(value)));
    }
    return quotas;
}

struct Running {
    explicit Running(Values settings = {})
        : broker(std::move(settings)), admin(broker.port(), "admin") {
        create_topic(admin, "orders", 2);
    }
    Client connect(std::string_view client_id) const { return Client(broker.port(), client_id); }

    TestBroker broker;
    Client admin;
};

constexpr std::string_view limited = "limited";
const std::vector<Part> limited_id = {{"client-id", limited}};

int32_t produce_and_throttle_time_ms(Client& client, size_t value_bytes, int16_t acks = -1) {
    send_produce(client, {"orders"}, plain_batch(1, value_bytes), {.acks = acks});
    const auto answer = client.receive<ProduceResponse>(12);
    CHECK(answer->responses.at(0).partition_responses.at(0).error_code == ErrorCode::none);
    return answer->throttle_time_ms;
}

Received<FetchResponse> fetch_all(Client& client, int32_t session_id, int32_t session_epoch) {
    FetchRequest request{.session_id = session_id, .session_epoch = session_epoch};
    if (session_epoch <= 0)
        request.topics = {{.topic = "orders", .partitions = {{.partition_max_bytes = 1 << 20}}}};
    return client.call<FetchResponse>(request, 12);
}

struct Created {
    ErrorCode error;
    int32_t throttle_time_ms;
};
Created create(Client& client, std::string_view topic, int32_t partition_count, int16_t version) {
    const CreateTopicsRequest request{
        .topics = {{.name = topic, .num_partitions = partition_count, .replication_factor = 1}}};
    const auto answer = client.call<CreateTopicsResponse>(request, version);
    return {answer->topics.at(0).error_code, answer->throttle_time_ms};
}

Created grow(Client& client, std::string_view topic, int32_t partition_count, int16_t version) {
    const CreatePartitionsRequest request{
        .topics = {{.name = topic, .count = partition_count, .assignments = std::nullopt}}};
    const auto answer = client.call<CreatePartitionsResponse>(request, version);
    return {answer->results.at(0).error_code, answer->throttle_time_ms};
}

// That the connection is not read before so long after `since`.
void check_not_read_for(Client& client, int32_t wait_ms, Steady::time_point since) {
    client.send(ApiVersionsRequest{}, 0);
    client.receive<ApiVersionsResponse>(0);
    // The broker has begun to wait before its answer came, and its clock shows whole milliseconds.
    constexpr int32_t earlier_ms = 100;
    CHECK(Steady::now() - since >= std::chrono::milliseconds(wait_ms - earlier_ms));
}

}  // namespace

TEST_CASE("quotas are found by a filter of types and names") {
    Running test;
    const std::string rate = "producer_byte_rate";
    set_quota(test.admin, {{"user", "ann"}}, rate, 1);
    set_quota(test.admin, {{"user", "ann"}, {"client-id", "app"}}, rate, 2);
    set_quota(test.admin, {{"client-id", std::nullopt}, {"user", "ann"}}, rate, 3);
    set_quota(test.admin, {{"user", std::nullopt}}, rate, 4);
    set_quota(test.admin, {{"ip", "10.0.0.1"}}, "connection_creation_rate", 5);

    const std::string ann = "user=ann producer_byte_rate=1";
    const std::string ann_app = "client-id=app,user=ann producer_byte_rate=2";
    const std::string ann_others = "client-id=(others),user=ann producer_byte_rate=3";
    const std::string others = "user=(others) producer_byte_rate=4";
    const std::string ip = "ip=10.0.0.1 connection_creation_rate=5";

    CHECK(describe(test.admin) == Quotas{ann, ann_app, ann_others, others, ip});
    CHECK(describe(test.admin, {}, /*strict=*/true).empty());
    CHECK(describe(test.admin, {{"user", exactly, "ann"}}) == Quotas{ann, ann_app, ann_others});
    CHECK(describe(test.admin, {{"user", exactly, "ann"}}, true) == Quotas{ann});
    CHECK(describe(test.admin, {{"user", of_others, std::nullopt}}) == Quotas{others});
    CHECK(describe(test.admin, {{"user", of_anybody, std::nullopt}}, true) == Quotas{ann, others});
    CHECK(describe(test.admin, {{"client-id", of_anybody, std::nullopt},
                                {"user", exactly, "ann"}}) == Quotas{ann_app, ann_others});
    CHECK(describe(test.admin, {{"client-id", of_others, std::nullopt},
                                {"user", exactly, "ann"}}) == Quotas{ann_others});
    CHECK(describe(test.admin, {{"ip", of_anybody, std::nullopt}}) == Quotas{ip});
    CHECK(describe(test.admin, {{"ip", exactly, ""}}).empty());
}

TEST_CASE("a filter that can mean nothing is refused") {
    Running test;
    const auto refusal = [&](const std::vector<Component>& components) {
        const auto answer = test.admin.call<DescribeClientQuotasResponse>(
            DescribeClientQuotasRequest{.components = components}, newest);
        CHECK_FALSE(answer->entries.has_value());
        return answer->error_code;
    };
    CHECK(refusal({{"", exactly, "a"}}) == ErrorCode::invalid_request);
    CHECK(refusal({{"group", exactly, "a"}}) == ErrorCode::unsupported_version);
    CHECK(refusal({{"user", exactly, std::nullopt}}) == ErrorCode::invalid_request);
    CHECK(refusal({{"user", of_others, "a"}}) == ErrorCode::invalid_request);
    CHECK(refusal({{"user", of_anybody, "a"}}) == ErrorCode::invalid_request);
    CHECK(refusal({{"user", 3, std::nullopt}}) == ErrorCode::invalid_request);
    CHECK(refusal({{"user", -1, std::nullopt}}) == ErrorCode::invalid_request);
    CHECK(refusal({{"user", exactly, "a"}, {"user", exactly, "b"}}) == ErrorCode::invalid_request);
    CHECK(refusal({{"ip", exactly, "10.0.0.1"}, {"user", exactly, "a"}}) ==
          ErrorCode::invalid_request);
}

TEST_CASE("quotas outlive the broker, and what is only validated is not set") {
    Running test;
    set_quota(test.admin, {{"user", "ann"}}, "request_percentage", 50);
    AlterClientQuotasRequest request{.validate_only = true};
    request.entries = {
        {.entity = {{"user", "ann"}}, .ops = {{.key = "request_percentage", .value = 60}}}};
    const auto validated = test.admin.call<AlterClientQuotasResponse>(request, newest);
    CHECK(validated->entries.at(0).error_code == ErrorCode::none);
    request.entries[0].ops[0].value = -1;
    const auto refused = test.admin.call<AlterClientQuotasResponse>(request, newest);
    CHECK(refused->entries.at(0).error_code == ErrorCode::invalid_request);

    test.broker.restart();
    Client admin = test.connect("admin");
    CHECK(describe(admin) == Quotas{"user=ann request_percentage=50"});
}

TEST_CASE("a producer above its quota is answered at once, and then not read for a while") {
    Running test(on_one_and_three_threads());
    set_quota(test.admin, limited_id, "producer_byte_rate", 1000);
    Client client = test.connect(limited);
    const int32_t wait_ms = produce_and_throttle_time_ms(client, 10'400);
    const auto answered = Steady::now();
    // 10,000 bytes are what ten seconds hold.
    CHECK(wait_ms > 400);
    CHECK(wait_ms < 800);
    check_not_read_for(client, wait_ms, answered);
}

TEST_CASE("clients of a quota that counts them together wait for each other on all threads") {
    Running test({{"einmal.threads", "3"}});
    set_quota(test.admin, limited_id, "producer_byte_rate", 1000);
    int32_t wait_ms = 0;
    for (int connection = 1; connection <= 3; ++connection) {
        Client client = test.connect(limited);
        const int32_t longer_ms = produce_and_throttle_time_ms(client, 10'000);
        CHECK(longer_ms > wait_ms + 9000 * (connection > 1));
        wait_ms = longer_ms;
    }
    Client other = test.connect("another");
    CHECK(produce_and_throttle_time_ms(other, 10'000) == 0);
}

TEST_CASE("a quota that goes counts no longer") {
    Running test;
    set_quota(test.admin, limited_id, "producer_byte_rate", 1000);
    CHECK(alter_quota(test.admin, limited_id, "producer_byte_rate", std::nullopt) ==
          ErrorCode::none);
    Client client = test.connect(limited);
    CHECK(produce_and_throttle_time_ms(client, 50'000) == 0);
}

TEST_CASE("who wants no answer is not read either") {
    Running test;
    set_quota(test.admin, limited_id, "producer_byte_rate", 1000);
    Client client = test.connect(limited);
    const auto sent = Steady::now();
    send_produce(client, {"orders"}, plain_batch(1, 10'400), {.acks = 0});
    client.forget_unanswered();
    check_not_read_for(client, 400, sent);
}

TEST_CASE("a fetch above the quota is answered without records, and comes again after its wait") {
    Running test;
    produce(test.admin, {"orders"}, plain_batch(1, 6000));
    set_quota(test.admin, limited_id, "consumer_byte_rate", 1000);
    Client client = test.connect(limited);
    const auto given = fetch_all(client, 0, 0);
    CHECK(given->throttle_time_ms == 0);
    CHECK(given->responses.size() == 1);
    CHECK(given->session_id != 0);

    SUBCASE("a full one begins no session") {
        const auto held_back = fetch_all(client, 0, 0);
        CHECK(held_back->error_code == ErrorCode::none);
        CHECK(held_back->throttle_time_ms > 2000);
        CHECK(held_back->responses.empty());
        CHECK(held_back->session_id == 0);
    }
    SUBCASE("one of a session stays in it") {
        // The position did not move, so it asks for the same again.
        FetchRequest again{.session_id = given->session_id, .session_epoch = 1};
        again.topics = {{.topic = "orders", .partitions = {{.partition_max_bytes = 1 << 20}}}};
        const auto held_back = client.call<FetchResponse>(again, 12);
        CHECK(held_back->throttle_time_ms > 2000);
        CHECK(held_back->responses.empty());
        CHECK(held_back->session_id == given->session_id);
    }
}

TEST_CASE("a fetch takes no more at once than its quota has room for in a window") {
    Running test;
    for (int i = 0; i < 10; ++i) produce(test.admin, {"orders"}, plain_batch(1, 3000));
    set_quota(test.admin, limited_id, "consumer_byte_rate", 1000);
    Client client = test.connect(limited);
    const auto given = fetch_all(client, 0, -1);
    CHECK(given->throttle_time_ms == 0);
    CHECK(given->responses.at(0).partitions.at(0).records->bytes.size() <= 10'000);
}

TEST_CASE("who has used up its changes to topics is refused, and told when to come again") {
    Running test(on_one_and_three_threads());
    set_quota(test.admin, limited_id, "controller_mutation_rate", 1);
    Client client = test.connect(limited);
    const Created allowed = create(client, "first", 20, 7);
    CHECK(allowed.error == ErrorCode::none);
    CHECK(allowed.throttle_time_ms == 0);

    Client refused_one = test.connect(limited);
    const Created refused = create(refused_one, "second", 1, 7);
    CHECK(refused.error == ErrorCode::throttling_quota_exceeded);
    CHECK(refused.throttle_time_ms > 5000);

    Client deleting = test.connect(limited);
    const auto deleted =
        deleting.call<DeleteTopicsResponse>(DeleteTopicsRequest{.topics = {{.name = "first"}}}, 6);
    CHECK(deleted->responses.at(0).error_code == ErrorCode::throttling_quota_exceeded);
    CHECK(deleted->throttle_time_ms > 5000);

    Client growing = test.connect(limited);
    const Created grown = grow(growing, "first", 21, 3);
    CHECK(grown.error == ErrorCode::throttling_quota_exceeded);
    CHECK(grown.throttle_time_ms > 5000);

    // Nobody has to know that asking for metadata makes topics.
    Client asking = test.connect(limited);
    const auto asked = asking.call<MetadataResponse>(
        MetadataRequest{.topics = {{{.name = "third"}}}, .allow_auto_topic_creation = true}, 12);
    CHECK(asked->topics.at(0).error_code == ErrorCode::unknown_topic_or_partition);
    CHECK(create(test.admin, "second", 1, 7).error == ErrorCode::none);
}

TEST_CASE("an old client that knows no such refusal makes its topics, and waits") {
    Running test;
    set_quota(test.admin, limited_id, "controller_mutation_rate", 1);
    Client client = test.connect(limited);
    const Created created = create(client, "first", 20, 5);
    CHECK(created.error == ErrorCode::none);
    CHECK(created.throttle_time_ms > 5000);
    Client again = test.connect(limited);
    CHECK(create(again, "second", 1, 5).error == ErrorCode::none);
    Client growing = test.connect(limited);
    const Created grown = grow(growing, "first", 30, 2);
    CHECK(grown.error == ErrorCode::none);
    CHECK(grown.throttle_time_ms > created.throttle_time_ms + 5000);
}

TEST_CASE("what was only validated counts as a change, and what is faulty does not") {
    Running test;
    set_quota(test.admin, limited_id, "controller_mutation_rate", 1);
    Client client = test.connect(limited);
    CHECK(create(client, "not/a/name", 100, 7).error == ErrorCode::invalid_topic_exception);
    const CreateTopicsRequest validated{
        .topics = {{.name = "first", .num_partitions = 100, .replication_factor = 1}},
        .validate_only = true};
    CHECK(client.call<CreateTopicsResponse>(validated, 7)->topics.at(0).error_code ==
          ErrorCode::none);
    CHECK(create(client, "second", 1, 7).error == ErrorCode::throttling_quota_exceeded);
}

TEST_CASE("the time that threads work for a client has a quota, too") {
    Running test(on_one_and_three_threads());
    produce(test.admin, {"orders"}, plain_batch(1, 100));
    set_quota(test.admin, limited_id, "request_percentage", 1e-6);
    Client asking = test.connect(limited);
    CHECK(asking.call<MetadataResponse>(MetadataRequest{}, 12)->throttle_time_ms == 1000);
    Client producing = test.connect(limited);
    CHECK(produce_and_throttle_time_ms(producing, 100) == 1000);
    Client fetching = test.connect(limited);
    const auto fetched = fetch_all(fetching, 0, 0);
    CHECK(fetched->throttle_time_ms == 1000);
    CHECK(fetched->responses.empty());
    CHECK(fetched->session_id == 0);
    CHECK(produce_and_throttle_time_ms(test.admin, 100) == 0);
}

TEST_CASE("a fetch that waits for records works for nobody meanwhile") {
    Running test(on_one_and_three_threads());
    // A second of work would be 10% of the ten that a window has.
    set_quota(test.admin, limited_id, "request_percentage", 5);
    Client client = test.connect(limited);
    FetchRequest request{.max_wait_ms = 1000, .min_bytes = 1'000'000};
    request.topics = {{.topic = "orders", .partitions = {{.partition_max_bytes = 1 << 20}}}};
    CHECK(client.call<FetchResponse>(request, 12)->throttle_time_ms == 0);
}

TEST_CASE("connections above the rate of their address are closed after a while") {
    Running test({{"quota.window.num", "2"}});
    const std::vector<Part> here = {{"ip", "127.0.0.1"}};
    set_quota(test.admin, here, "connection_creation_rate", 1);
    Client first = test.connect("first");
    CHECK(first.call<ApiVersionsResponse>(ApiVersionsRequest{}, 0)->error_code == ErrorCode::none);
    Client second = test.connect("second");
    CHECK(second.is_closed_by_broker());
    CHECK(alter_quota(test.admin, here, "connection_creation_rate", std::nullopt) ==
          ErrorCode::none);
    Client third = test.connect("third");
    CHECK(third.call<ApiVersionsResponse>(ApiVersionsRequest{}, 0)->error_code == ErrorCode::none);
}

TEST_CASE("a broker with clients that wait for their quotas stops at once") {
    Running test({{"quota.window.num", "2"}});
    set_quota(test.admin, limited_id, "producer_byte_rate", 1);
    set_quota(test.admin, {{"ip", std::nullopt}}, "connection_creation_rate", 2);
    Client waiting = test.connect(limited);
    CHECK(produce_and_throttle_time_ms(waiting, 10'000) > 1'000'000);
    Client held = test.connect("held");
    test.broker.stop();
    CHECK(waiting.is_closed_by_broker());
}
