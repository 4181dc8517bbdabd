// ListOffsets: the ends of a log, times, and isolation.
#include "protocol/messages/list_offsets.h"

#include <doctest/doctest.h>

#include "protocol/messages/offset_for_leader_epoch.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"
#include "tests/support/batches.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const Partition orders{"orders"};

struct Found {
    ErrorCode error = ErrorCode::none;
    int64_t offset = -1;
    int64_t timestamp = -1;
    bool operator==(const Found&) const = default;
};

// Records at 0 to 4 with the times 100, 200, 500, 300, 400.
struct Timed {
    explicit Timed(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {
        create_topic(client, orders.topic);
        for (const int64_t time : {100, 200, 500, 300, 400})
            REQUIRE(produce(client, orders, support::build_batch({.timestamp = time})).error ==
                    ErrorCode::none);
    }
    Found look_up(int64_t timestamp, int16_t version = 11, int8_t isolation = read_uncommitted,
                  int32_t current_leader_epoch = -1) {
        ListOffsetsRequest request{.replica_id = -1, .isolation_level = isolation};
        request.topics = {{.name = orders.topic,
                           .partitions = {{.partition_index = 0,
                                           .current_leader_epoch = current_leader_epoch,
                                           .timestamp = timestamp}}}};
        const auto answer = client.call<ListOffsetsResponse>(request, version);
        const auto& found = answer->topics.at(0).partitions.at(0);
        return {found.error_code, found.offset, found.timestamp};
    }

    TestBroker broker;
    Client client;
};

constexpr int64_t latest = -1, earliest = -2, max_timestamp = -3, earliest_local = -4,
                  latest_tiered = -5, earliest_pending_upload = -6;
constexpr Found at(int64_t offset, int64_t timestamp = -1) {
    return {ErrorCode::none, offset, timestamp};
}
constexpr Found unserved{ErrorCode::unsupported_version, -1, -1};

}  // namespace

TEST_CASE("latest and earliest are the ends of the log") {
    Timed test(on_one_and_three_threads());
    for (const auto version : std::initializer_list<int16_t>{1, 5, 11}) {
        CHECK(test.look_up(latest, version) == at(5));
        CHECK(test.look_up(earliest, version) == at(0));
    }
    REQUIRE(delete_records(test.client, orders, 2).error == ErrorCode::none);
    CHECK(test.look_up(earliest) == at(2));
    CHECK(test.look_up(earliest_local) == at(2));
}

TEST_CASE("a time is answered with the first record that is not older") {
    Timed test;
    CHECK(test.look_up(0) == at(0, 100));
    CHECK(test.look_up(100) == at(0, 100));
    CHECK(test.look_up(101) == at(1, 200));
    CHECK(test.look_up(201) == at(2, 500));
    CHECK(test.look_up(500) == at(2, 500));
    CHECK(test.look_up(501) == at(-1));
}

TEST_CASE("the largest timestamp is answered with its record") {
    Timed test;
    CHECK(test.look_up(max_timestamp) == at(2, 500));
}

TEST_CASE("without remote storage there are no offsets of it") {
    Timed test;
    CHECK(test.look_up(latest_tiered) == at(-1));
    CHECK(test.look_up(earliest_pending_upload) == at(-1));
}

TEST_CASE("what a version does not know is refused") {
    Timed test;
    CHECK(test.look_up(max_timestamp, 6) == unserved);
    CHECK(test.look_up(earliest_local, 7) == unserved);
    CHECK(test.look_up(latest_tiered, 8) == unserved);
    CHECK(test.look_up(earliest_pending_upload, 10) == unserved);
    CHECK(test.look_up(-7) == unserved);
}

TEST_CASE("read_committed ends before the first open transaction (kop#1283)") {
    Timed test;
    const Producer producer = start_producer(test.client, "an-id");
    REQUIRE(produce(test.client, orders, transactional_batch(producer, 0),
                    {.transactional_id = "an-id"}) == stored_at(5));
    CHECK(test.look_up(latest, 11, read_uncommitted) == at(6));
    CHECK(test.look_up(latest, 11, read_committed) == at(5));
    CHECK(test.look_up(501, 11, read_uncommitted).offset == 5);
    CHECK(test.look_up(501, 11, read_committed) == at(-1));
    REQUIRE(end_transaction(test.client, "an-id", producer, Outcome::commit).error ==
            ErrorCode::none);
    CHECK(test.look_up(latest, 11, read_committed) == at(7));
}

TEST_CASE("ListOffsets checks the leader's epoch") {
    Timed test;
    CHECK(test.look_up(latest, 11, read_uncommitted, 0) == at(5));
    CHECK(test.look_up(latest, 11, read_uncommitted, 1).error == ErrorCode::unknown_leader_epoch);
}

TEST_CASE("the end of the present epoch is the end of the log, that of another is undefined") {
    Timed test;
    const auto end_of = [&](int32_t epoch) {
        OffsetForLeaderEpochRequest request;
        request.topics = {
            {.topic = orders.topic, .partitions = {{.partition = 0, .leader_epoch = epoch}}}};
        const auto answer = test.client.call<OffsetForLeaderEpochResponse>(request, 4);
        return answer->topics.at(0).partitions.at(0).end_offset;
    };
    CHECK(end_of(0) == 5);
    CHECK(end_of(1) == -1);
}
