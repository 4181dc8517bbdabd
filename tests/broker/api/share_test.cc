// Share groups as members see them (KIP-932): ShareFetch and ShareAcknowledge with their sessions,
// and the share coordinator behind them.
#include <doctest/doctest.h>

#include "broker/coordinator/coordinator_partition.h"
#include "broker/partition/fetch_waiter.h"
#include "broker/shard.h"
#include "protocol/messages/alter_client_quotas.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/initialize_share_group_state.h"
#include "protocol/messages/read_share_group_state_summary.h"
#include "protocol/messages/share_acknowledge.h"
#include "protocol/messages/share_fetch.h"
#include "protocol/messages/write_share_group_state.h"
#include "protocol/uuid.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

constexpr std::string_view group = "workers";
const Partition orders{"orders"};
using Acquired = ShareFetchResponse::ShareFetchableTopicResponse::PartitionData::AcquiredRecords;
using Ranges = std::vector<std::string>;

// "first-last x deliveries"
std::string to_text(const Acquired& acquired) {
    return std::to_string(acquired.first_offset) + "-" + std::to_string(acquired.last_offset) +
           " x" + std::to_string(acquired.delivery_count);
}

struct Got {
    ErrorCode error = ErrorCode::none;              // of the request
    ErrorCode partition_error = ErrorCode::none;    // of the partition
    ErrorCode acknowledge_error = ErrorCode::none;  // of what was acknowledged along with it
    Ranges acquired;
    int64_t record_count = 0;  // in all batches that came
    int32_t lock_ms = 0;
    int32_t throttle_time_ms = 0;
};

// A member with its connection and its session.
struct Member {
    Member(uint16_t port, std::string id, Uuid topic)
        : client(port), id(std::move(id)), topic(topic) {}

    ShareFetchRequest request(int32_t max_wait_ms) const {
        ShareFetchRequest request{.group_id = group,
                                  .member_id = id,
                                  .share_session_epoch = epoch,
                                  .max_wait_ms = max_wait_ms,
                                  .min_bytes = 1,
                                  .max_bytes = 1 << 20,
                                  .max_records = 500,
                                  .batch_size = 500};
        if (epoch == 0)
            request.topics = {{.topic_id = topic, .partitions = {{.partition_index = 0}}}};
        return request;
    }
    Got fetch(int32_t max_wait_ms = 0) { return fetch(request(max_wait_ms)); }
    Got fetch(const ShareFetchRequest& request) {
        client.send(request, 2);
        return receive();
    }
    // Fetches, and acknowledges along with it.
    Got fetch_with(int64_t first, int64_t last, int8_t type) {
        auto asked = request(0);
        asked.topics = {{.topic_id = topic,
                         .partitions = {{.partition_index = 0,
                                         .acknowledgement_batches = {{first, last, {type}}}}}}};
        return fetch(asked);
    }
    Got receive() {
        const auto answer = client.receive<ShareFetchResponse>(2);
        Got got{.error = answer->error_code,
                .lock_ms = answer->acquisition_lock_timeout_ms,
                .throttle_time_ms = answer->throttle_time_ms};
        if (got.error == ErrorCode::none) ++epoch;
        if (answer->responses.empty()) return got;
        const auto& partition = answer->responses.at(0).partitions.at(0);
        got.partition_error = partition.error_code;
        got.acknowledge_error = partition.acknowledge_error_code;
        for (const auto& acquired : partition.acquired_records)
            got.acquired.push_back(to_text(acquired));
        BatchCursor batches(partition.records.bytes);
        while (const auto batch = batches.next()) got.record_count += batch->record_count();
        return got;
    }
    ErrorCode acknowledge(int64_t first, int64_t last, std::vector<int8_t> types,
                          bool is_renewal = false) {
        const ShareAcknowledgeRequest asked{
            .group_id = group,
            .member_id = id,
            .share_session_epoch = epoch,
            .is_renew_ack = is_renewal,
            .topics = {{.topic_id = topic,
                        .partitions = {{.partition_index = 0,
                                        .acknowledgement_batches = {{first, last, types}}}}}}};
        const auto answer = client.call<ShareAcknowledgeResponse>(asked, 2);
        if (answer->error_code != ErrorCode::none) return answer->error_code;
        ++epoch;
        return answer->responses.at(0).partitions.at(0).error_code;
    }

    Client client;
    std::string id;
    Uuid topic;
    int32_t epoch = 0;
};

constexpr int8_t accepted = 1;
constexpr int8_t released = 2;
constexpr int8_t rejected = 3;
constexpr int8_t renewed = 4;

// A topic that the group consumes from the start.
struct Shared {
    explicit Shared(Values settings = {}) : broker(std::move(settings)) {
        client_.emplace(broker.port());
        topic = create_topic(client(), orders.topic, 1);
        find_coordinator();
        REQUIRE(initialize(0, 0) == ErrorCode::none);
    }
    void find_coordinator() {
        const std::string key = std::string(group) + ":" + to_string(topic) + ":0";
        const FindCoordinatorRequest request{.key_type = 2, .coordinator_keys = {key}};
        const auto found = client().call<FindCoordinatorResponse>(request, 6);
        REQUIRE(found->coordinators.at(0).error_code == ErrorCode::none);
    }
    ErrorCode initialize(int32_t state_epoch, int64_t start_offset) {
        const InitializeShareGroupStateRequest request{
            .group_id = group,
            .topics = {{.topic_id = topic, .partitions = {{0, state_epoch, start_offset}}}}};
        const auto answer = client().call<InitializeShareGroupStateResponse>(request, 0);
        return answer->results.at(0).partitions.at(0).error_code;
    }
    auto summary() {
        const ReadShareGroupStateSummaryRequest request{
            .group_id = group, .topics = {{.topic_id = topic, .partitions = {{.partition = 0}}}}};
        const auto answer = client().call<ReadShareGroupStateSummaryResponse>(request, 1);
        return answer->results.at(0).partitions.at(0);
    }
    void fill(int batch_count) {
        for (int i = 0; i < batch_count; ++i)
            REQUIRE(produce(client(), orders, plain_batch(10)).error == ErrorCode::none);
    }
    broker::share::SharePartitionKey key() const { return {std::string(group), topic, 0}; }
    Member member(std::string id) { return {broker.port(), std::move(id), topic}; }
    void restart() {
        client_.reset();
        broker.restart();
        client_.emplace(broker.port());
    }

    Client& client() { return *client_; }

    TestBroker broker;
    std::optional<Client> client_;
    Uuid topic;
};

}  // namespace

TEST_CASE("two members share one partition, and neither gets what the other has") {
    Shared shared(on_one_and_three_threads());
    shared.fill(2);
    Member one = shared.member("one");
    Member two = shared.member("two");
    auto asked = one.request(0);
    asked.max_records = 10;
    const Got got = one.fetch(asked);
    CHECK(got.acquired == Ranges{"0-9 x1"});
    CHECK(got.record_count == 10);  // the other batch stays where it is
    CHECK(got.lock_ms == 30'000);
    CHECK(two.fetch().acquired == Ranges{"10-19 x1"});
    CHECK(one.fetch().acquired.empty());
    CHECK(two.acknowledge(0, 9, {accepted}) == ErrorCode::invalid_record_state);
    CHECK(one.acknowledge(0, 9, {accepted}) == ErrorCode::none);
    CHECK(two.fetch_with(10, 19, accepted).acknowledge_error == ErrorCode::none);
    const auto state = shared.summary();
    CHECK(state.start_offset == 10);
    CHECK(state.delivery_complete_count == 10);
}

TEST_CASE("released records wake the fetch of another member, rejected ones nobody") {
    Shared shared;
    shared.fill(1);
    Member one = shared.member("one");
    Member two = shared.member("two");
    REQUIRE(one.fetch().acquired == Ranges{"0-9 x1"});
    two.client.send(two.request(5'000), 2);
    CHECK(two.client.is_silent(50));
    CHECK(one.acknowledge(0, 4, {rejected}) == ErrorCode::none);
    CHECK(two.client.is_silent(50));
    CHECK(one.acknowledge(5, 9, {accepted, released, released, 0, accepted}) == ErrorCode::none);
    CHECK(two.receive().acquired == Ranges{"6-7 x2"});
}

TEST_CASE("a fetch that waits is woken by what is produced") {
    Shared shared(on_one_and_three_threads());
    Member one = shared.member("one");
    one.client.send(one.request(10'000), 2);
    shared.fill(1);
    CHECK(one.receive().acquired == Ranges{"0-9 x1"});
}

TEST_CASE("a lock that runs out gives its records to another member") {
    Shared shared({{"group.share.record.lock.duration.ms", "1000"},
                   {"group.share.min.record.lock.duration.ms", "1000"}});
    shared.fill(1);
    Member one = shared.member("one");
    Member two = shared.member("two");
    REQUIRE(one.fetch().acquired == Ranges{"0-9 x1"});
    CHECK(two.fetch(10'000).acquired == Ranges{"0-9 x2"});
    CHECK(one.acknowledge(0, 9, {accepted}) == ErrorCode::invalid_record_state);
}

TEST_CASE("a renewed lock is kept, and a fetch that renews does nothing else") {
    Shared shared;
    shared.fill(1);
    Member one = shared.member("one");
    REQUIRE(one.fetch().acquired == Ranges{"0-9 x1"});
    CHECK(one.acknowledge(0, 9, {renewed}) == ErrorCode::invalid_request);
    CHECK(one.acknowledge(0, 9, {renewed}, /*is_renewal=*/true) == ErrorCode::none);
    auto asked = one.request(0);
    asked.is_renew_ack = true;
    CHECK(one.fetch(asked).error == ErrorCode::invalid_request);
}

TEST_CASE("with its connection a member loses what it has acquired") {
    Shared shared(on_one_and_three_threads());
    shared.fill(1);
    Member two = shared.member("two");
    CHECK(two.fetch().error == ErrorCode::none);
    {
        Member other = shared.member("other");
        CHECK(two.acknowledge(0, 9, {released}) == ErrorCode::none);
        REQUIRE(other.fetch().acquired == Ranges{"0-9 x2"});
    }
    CHECK(two.fetch(10'000).acquired == Ranges{"0-9 x3"});
}

TEST_CASE("a session that ends gives back what its member has acquired") {
    Shared shared;
    shared.fill(1);
    Member one = shared.member("one");
    Member two = shared.member("two");
    REQUIRE(one.fetch().acquired == Ranges{"0-9 x1"});
    two.client.send(two.request(10'000), 2);
    one.epoch = -1;
    CHECK(one.acknowledge(0, 3, {accepted}) == ErrorCode::none);
    CHECK(two.receive().acquired == Ranges{"4-9 x2"});
    one.epoch = 1;
    CHECK(one.fetch().error == ErrorCode::share_session_not_found);
    one.epoch = -1;
    CHECK(one.fetch().error == ErrorCode::share_session_not_found);
}

TEST_CASE("a session has its epochs, and a request out of turn is refused") {
    Shared shared;
    Member one = shared.member("one");
    CHECK(one.acknowledge(0, 0, {accepted}) == ErrorCode::invalid_share_session_epoch);
    one.epoch = 1;
    CHECK(one.fetch().error == ErrorCode::share_session_not_found);
    one.epoch = 0;
    CHECK(one.fetch().error == ErrorCode::none);
    one.epoch = 5;
    CHECK(one.fetch().error == ErrorCode::invalid_share_session_epoch);
    CHECK(one.acknowledge(0, 0, {accepted}) == ErrorCode::invalid_share_session_epoch);
    one.epoch = 0;
    CHECK(one.fetch_with(0, 0, accepted).error == ErrorCode::invalid_request);
    CHECK(one.fetch().error == ErrorCode::none);  // begins anew
    one.id = "";
    CHECK(one.fetch().error == ErrorCode::invalid_request);
}

TEST_CASE("a session that begins has nothing to forget") {
    Shared shared;
    shared.fill(1);
    Member one = shared.member("one");
    auto asked = one.request(0);
    asked.forgotten_topics_data = {{.topic_id = shared.topic, .partitions = {0}}};
    CHECK(one.fetch(asked).acquired == Ranges{"0-9 x1"});
}

TEST_CASE("a fetch that wants no records is answered about what it acknowledges, and no more") {
    Shared shared;
    shared.fill(1);
    Member one = shared.member("one");
    REQUIRE(one.fetch().acquired == Ranges{"0-9 x1"});
    auto asked = one.request(10'000);
    asked.max_records = 0;
    one.client.send(asked, 2);
    CHECK(one.client.receive<ShareFetchResponse>(2)->responses.empty());
    ++one.epoch;
    asked = one.request(10'000);
    asked.max_bytes = 0;
    asked.topics = {
        {.topic_id = shared.topic,
         .partitions = {{.partition_index = 0, .acknowledgement_batches = {{0, 4, {released}}}}}}};
    const Got got = one.fetch(asked);
    CHECK(got.acknowledge_error == ErrorCode::none);
    CHECK(got.acquired.empty());
    CHECK(one.fetch().acquired == Ranges{"0-4 x2"});
}

TEST_CASE("an acknowledgement of nothing is not answered") {
    Shared shared;
    Member one = shared.member("one");
    REQUIRE(one.fetch().error == ErrorCode::none);
    const ShareAcknowledgeRequest nothing{
        .group_id = group,
        .member_id = one.id,
        .share_session_epoch = one.epoch,
        .topics = {{.topic_id = shared.topic, .partitions = {{.partition_index = 0}}}}};
    const auto answer = one.client.call<ShareAcknowledgeResponse>(nothing, 2);
    CHECK(answer->error_code == ErrorCode::none);
    CHECK(answer->responses.empty());
}

TEST_CASE("a member above its quota gets its records, and is not read for a while after them") {
    Shared shared(on_one_and_three_threads());
    shared.fill(2);
    const AlterClientQuotasRequest slowly{
        .entries = {{.entity = {{"client-id", std::nullopt}},
                     .ops = {{.key = "consumer_byte_rate", .value = 10}}}}};
    const auto altered = shared.client().call<AlterClientQuotasResponse>(slowly, 1);
    REQUIRE(altered->entries.at(0).error_code == ErrorCode::none);
    Member one = shared.member("one");
    const Got got = one.fetch();
    CHECK(got.acquired == Ranges{"0-9 x1"});  // one batch: the quota has no room for more
    CHECK(got.record_count == 10);
    CHECK(got.throttle_time_ms > 1'000);
    one.client.send(one.request(0), 2);
    CHECK(one.client.is_silent(50));
}

TEST_CASE("no more sessions than the broker allows") {
    Shared shared({{"group.share.max.share.sessions", "1"}});
    Member one = shared.member("one");
    Member two = shared.member("two");
    CHECK(one.fetch().error == ErrorCode::none);
    CHECK(two.fetch().error == ErrorCode::share_session_limit_reached);
    one.epoch = -1;
    CHECK(one.fetch().error == ErrorCode::none);
    CHECK(two.fetch().error == ErrorCode::none);
}

TEST_CASE("the sessions of one group may be as many as the broker allows on all threads") {
    Shared shared({{"group.share.max.share.sessions", "2"}, {"einmal.threads", "3"}});
    Member one = shared.member("one");
    Member two = shared.member("two");
    Member three = shared.member("three");
    CHECK(one.fetch().error == ErrorCode::none);
    CHECK(two.fetch().error == ErrorCode::none);
    CHECK(three.fetch().error == ErrorCode::share_session_limit_reached);
}

TEST_CASE("a member without a session is told so soon, however long it would wait for records") {
    Shared shared({{"group.share.max.share.sessions", "1"}});
    Member one = shared.member("one");
    Member two = shared.member("two");
    CHECK(one.fetch().error == ErrorCode::none);
    constexpr int32_t an_hour_ms = 3'600'000;
    CHECK(two.fetch(an_hour_ms).error == ErrorCode::share_session_limit_reached);
}

TEST_CASE("acknowledgements that cannot be are refused") {
    Shared shared;
    shared.fill(1);
    Member one = shared.member("one");
    REQUIRE(one.fetch().acquired == Ranges{"0-9 x1"});
    CHECK(one.acknowledge(5, 4, {accepted}) == ErrorCode::invalid_request);
    CHECK(one.acknowledge(0, 9, {accepted, accepted}) == ErrorCode::invalid_request);
    CHECK(one.acknowledge(0, 9, {}) == ErrorCode::invalid_request);
    CHECK(one.acknowledge(0, 9, {5}) == ErrorCode::invalid_request);
    CHECK(one.acknowledge(-5, 9, {accepted}) == ErrorCode::invalid_request);
    CHECK(one.acknowledge(0, 99, {accepted}) == ErrorCode::invalid_request);
    CHECK(one.acknowledge(INT64_MAX, INT64_MAX, {accepted}) == ErrorCode::invalid_request);
    CHECK(one.acknowledge(0, 9, {accepted}) == ErrorCode::none);
}

TEST_CASE("what was acknowledged is not delivered again after a restart, the rest is") {
    Shared shared(on_one_and_three_threads());
    shared.fill(2);
    {
        Member one = shared.member("one");
        REQUIRE(one.fetch().acquired == Ranges{"0-19 x1"});
        CHECK(one.acknowledge(0, 4, {accepted}) == ErrorCode::none);
        CHECK(one.acknowledge(10, 11, {rejected}) == ErrorCode::none);
        CHECK(one.acknowledge(12, 12, {released}) == ErrorCode::none);
    }
    const auto crashed = shared.broker.crash();
    Member after_crash(crashed->port(), "one", shared.topic);
    // What it gave back as it went may be written by then, or not.
    const auto rest_of = [](const Got& got) {
        REQUIRE(got.acquired.size() >= 2);
        CHECK(got.acquired.front().starts_with("5-9 x"));
        CHECK(got.acquired.at(1).starts_with("12-1"));
        CHECK(got.acquired.back().find("-19 x") != std::string::npos);
    };
    rest_of(after_crash.fetch());
    shared.restart();
    Member one = shared.member("one");
    rest_of(one.fetch());
}

TEST_CASE("the state topic is cut where all before is redundant, and still tells everything") {
    Shared shared({{"share.coordinator.snapshot.update.records.per.snapshot", "0"},
                   {"share.coordinator.state.topic.prune.interval.ms", "1"}});
    shared.fill(2);
    Member one = shared.member("one");
    REQUIRE(one.fetch().acquired == Ranges{"0-19 x1"});
    for (int64_t offset = 0; offset < 15; ++offset)
        CHECK(one.acknowledge(offset, offset, {accepted}) == ErrorCode::none);
    wait_until([&] {
        for (int32_t partition = 0; partition < 50; ++partition)
            if (fetch(shared.client(), {"__share_group_state", partition}, 0).error ==
                ErrorCode::offset_out_of_range)
                return true;
        return false;
    });
    shared.restart();
    Member two = shared.member("two");
    const Got rest = two.fetch();
    REQUIRE(rest.acquired.size() == 1);
    CHECK(rest.acquired.front().starts_with("15-19 x"));
}

TEST_CASE("a group whose offsets were set anew begins there, and an old leader is fenced") {
    Shared shared;
    shared.fill(2);
    Member one = shared.member("one");
    REQUIRE(one.fetch().acquired == Ranges{"0-19 x1"});
    REQUIRE(shared.initialize(1, 15) == ErrorCode::none);
    CHECK(one.acknowledge(0, 19, {accepted}) == ErrorCode::not_leader_or_follower);
    CHECK(one.fetch().acquired == Ranges{"15-19 x1"});
}

TEST_CASE("a group begins with what comes, where nothing else is configured") {
    Shared shared;
    shared.fill(1);
    REQUIRE(shared.initialize(0, -1) == ErrorCode::none);
    Member one = shared.member("one");
    CHECK(one.fetch().acquired.empty());
    shared.fill(1);
    CHECK(one.fetch().acquired == Ranges{"10-19 x1"});
}

TEST_CASE("a share-partition that nobody has initialized, or that is not there, is an error") {
    Shared shared;
    Member one = shared.member("one");
    auto asked = one.request(0);
    asked.group_id = "strangers";
    CHECK(one.fetch(asked).partition_error == ErrorCode::unknown_server_error);
    Member two = shared.member("two");
    two.topic = Uuid{};
    CHECK(two.fetch().partition_error == ErrorCode::unknown_topic_id);
    Member three = shared.member("three");
    asked = three.request(0);
    asked.topics.at(0).partitions.at(0).partition_index = 7;
    CHECK(three.fetch(asked).partition_error == ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("records that retention or DeleteRecords took away are passed over") {
    Shared shared;
    shared.fill(2);
    Member one = shared.member("one");
    REQUIRE(delete_records(shared.client(), orders, 5).error == ErrorCode::none);
    CHECK(one.fetch().acquired == Ranges{"5-19 x1"});
    REQUIRE(delete_records(shared.client(), orders, 12).error == ErrorCode::none);
    CHECK(one.acknowledge(5, 19, {accepted}) == ErrorCode::none);
}

TEST_CASE("FindCoordinator knows the coordinators of share-partitions by their keys") {
    Shared shared;
    const auto ask = [&](std::string_view key, int16_t version) {
        const FindCoordinatorRequest request{.key_type = 2, .coordinator_keys = {key}};
        return shared.client()
            .call<FindCoordinatorResponse>(request, version)
            ->coordinators.at(0)
            .error_code;
    };
    const std::string key = "a:b:" + to_string(shared.topic) + ":3";
    CHECK(ask(key, 6) == ErrorCode::none);
    CHECK(ask(key + ":", 6) == ErrorCode::none);  // as Java splits it
    CHECK(ask(key, 5) == ErrorCode::invalid_request);
    CHECK(ask("workers", 6) == ErrorCode::invalid_request);
    CHECK(ask("workers:not-a-topic:0", 6) == ErrorCode::invalid_request);
    CHECK(ask("workers:" + to_string(shared.topic) + ":x", 6) == ErrorCode::invalid_request);
}

TEST_CASE("a connection can begin and end sessions for ever") {
    Shared shared;
    Member member(shared.broker.port(), "member", shared.topic);
    for (int round = 0; round <= 2'001; ++round) {
        member.epoch = 0;
        REQUIRE(member.fetch().error == ErrorCode::none);
        member.epoch = -1;
        REQUIRE(member.fetch().error == ErrorCode::none);
    }
}

TEST_CASE("a fetch that stops waiting after its group was forgotten stays with the log") {
    Shared shared;
    Member one = shared.member("one");
    REQUIRE(one.fetch().error == ErrorCode::none);
    shared.broker.run([&] {
        broker::Shard& shard = shared.broker.shard();
        const auto loaded = shard.share_partitions.find(shared.key());
        REQUIRE(loaded);
        const auto waiter = std::make_shared<broker::partition::FetchWaiter>(shard, shard.timers);
        REQUIRE(shard.share_partitions.measure(*loaded, 1 << 20, waiter));
        shard.share_partitions.forget_group(group);
        shard.share_partitions.stop_waiting(shared.key(), waiter.get());
        CHECK(waiter.use_count() == 1);
    });
}

TEST_CASE("a group's last session ends while a member joins, which keeps what it has acquired") {
    Shared shared;
    shared.fill(1);
    Member one = shared.member("one");
    REQUIRE(one.fetch().acquired == Ranges{"0-9 x1"});
    // What the end of the other session does after it has found no session, and before it is done.
    const auto forget = [&] { shared.broker.shard().share_partitions.forget_unused(group); };
    shared.broker.run(forget);
    CHECK(one.acknowledge(0, 9, {accepted}) == ErrorCode::none);
    shared.broker.run(forget);
    shared.broker.run([&] { CHECK(!shared.broker.shard().share_partitions.find(shared.key())); });
}

TEST_CASE("a topic deleted right after a start leaves no state of share groups behind") {
    Shared shared(on_one_and_three_threads());
    shared.restart();
    constexpr int32_t partition_count = 50;
    const Partition state{"__share_group_state",
                          broker::coordinator::coordinator_partition(shared.key().coordinator_key(),
                                                                     partition_count)};
    const int64_t before = fetch(shared.client(), state, 0).record_count;
    CHECK(before > 0);
    delete_topic(shared.client(), orders.topic);
    CHECK(fetch(shared.client(), state, 0).record_count == before + 1);  // a tombstone
}
