#include "broker/share/share_partition.h"

#include <doctest/doctest.h>

#include <ostream>

namespace broker::share {

std::ostream& operator<<(std::ostream& out, const Acquired& acquired) {
    return out << acquired.first_offset << "-" << acquired.last_offset << "x"
               << acquired.delivery_count;
}

namespace {

using enum DeliveryState;
using Batches = std::vector<OffsetRange>;
using AcquiredAll = std::vector<Acquired>;

// A share-partition on a log whose batches have ten records each.
struct Conversation {
    AcquiredAll acquire(std::string_view member, int32_t records_max = 500,
                        AcquireMode mode = AcquireMode::batch_optimized) {
        if (!partition.can_acquire(limits)) return {};
        SharePartition::Read read{.fetch_offset = partition.next_fetch_offset(),
                                  .aborted = aborted};
        for (int64_t first = read.fetch_offset / 10 * 10; first < log_end; first += 10)
            read.batches.push_back({first, first + 9});
        return partition.acquire({member, records_max, 10, mode, now_ms}, read, limits);
    }
    ErrorCode acknowledge(std::string_view member, OffsetRange range, AcknowledgeType type) {
        return acknowledge(member, range, std::vector{static_cast<int8_t>(type)});
    }
    ErrorCode acknowledge(std::string_view member, OffsetRange range, std::vector<int8_t> types) {
        const Acknowledgement what{range, types};
        auto change = partition.acknowledge(member, {&what, 1}, now_ms, limits);
        if (!change) return change.error();
        if (!change->empty()) partition.complete(change->id, is_written);
        last_change = std::move(*change);
        return ErrorCode::none;
    }
    void pass(int64_t ms) {
        now_ms += ms;
        (void)partition.on_time(now_ms, limits);
    }

    SharePartition partition{0, {}};
    Limits limits;
    int64_t log_end = 30;
    int64_t now_ms = 1'000;
    bool is_written = true;
    std::vector<OffsetRange> aborted;
    StateChange last_change;
};

using enum AcknowledgeType;

TEST_CASE("what one member has acquired no other one gets") {
    Conversation c;
    CHECK(c.acquire("m1", 5) == AcquiredAll{{0, 9, 1}});  // whole batches
    CHECK(c.acquire("m2", 15) == AcquiredAll{{10, 19, 1}, {20, 29, 1}});
    CHECK(c.acquire("m1").empty());
    CHECK(c.partition.start_offset() == 0);
    CHECK(c.partition.end_offset() == 30);
}

TEST_CASE("in the mode of a record limit not one record more is acquired") {
    Conversation c;
    CHECK(c.acquire("m1", 5, AcquireMode::record_limit) == AcquiredAll{{0, 4, 1}});
    CHECK(c.acquire("m2", 7, AcquireMode::record_limit) == AcquiredAll{{5, 11, 1}});
}

TEST_CASE("accepted records are done with, and the start moves over them") {
    Conversation c;
    c.acquire("m1");
    CHECK(c.acknowledge("m1", {10, 19}, accept) == ErrorCode::none);
    CHECK(c.partition.start_offset() == 0);
    CHECK(c.partition.delivery_complete_count() == 10);
    CHECK(c.acknowledge("m1", {0, 9}, accept) == ErrorCode::none);
    CHECK(c.partition.start_offset() == 20);
    CHECK(c.partition.delivery_complete_count() == 0);
    CHECK(c.last_change.start_offset == 0);  // told before it moves
    CHECK(c.last_change.batches == std::vector<StateBatch>{{0, 9, acknowledged, 1}});
}

TEST_CASE("a released record is delivered again, and counts") {
    Conversation c;
    c.acquire("m1");
    CHECK(c.acknowledge("m1", {3, 4}, release) == ErrorCode::none);
    CHECK(c.partition.next_fetch_offset() == 3);
    CHECK(c.acquire("m2") == AcquiredAll{{3, 4, 2}});
}

TEST_CASE("each offset of a range can be acknowledged in its own way, gaps as well") {
    Conversation c;
    c.acquire("m1");
    CHECK(c.acknowledge("m1", {0, 4}, {1, 2, 3, 0, 1}) == ErrorCode::none);
    CHECK(c.last_change.batches == std::vector<StateBatch>{{0, 0, acknowledged, 1},
                                                           {1, 1, available, 1},
                                                           {2, 3, archived, 1},
                                                           {4, 4, acknowledged, 1}});
    CHECK(c.partition.start_offset() == 1);
}

TEST_CASE("who has not acquired a record cannot acknowledge it, nor twice") {
    Conversation c;
    CHECK(c.acknowledge("m1", {0, 0}, accept) == ErrorCode::invalid_record_state);
    c.acquire("m1", 10);
    CHECK(c.acknowledge("m2", {0, 9}, accept) == ErrorCode::invalid_record_state);
    CHECK(c.acknowledge("m1", {0, 10}, accept) == ErrorCode::invalid_request);
    CHECK(c.acknowledge("m1", {5, 9}, accept) == ErrorCode::none);
    CHECK(c.acknowledge("m1", {0, 9}, accept) == ErrorCode::invalid_record_state);
    CHECK(c.partition.view().front().state == acquired);  // all or nothing
    CHECK(c.acknowledge("m1", {0, 4}, accept) == ErrorCode::none);
    CHECK(c.partition.start_offset() == 10);
    CHECK(c.acknowledge("m1", {0, 4}, accept) == ErrorCode::none);  // done with already
}

TEST_CASE("what the coordinator did not take is still acquired by its member") {
    Conversation c;
    c.acquire("m1", 10);
    c.is_written = false;
    CHECK(c.acknowledge("m1", {0, 9}, accept) == ErrorCode::none);
    CHECK(c.partition.start_offset() == 0);
    c.is_written = true;
    CHECK(c.acknowledge("m1", {0, 9}, accept) == ErrorCode::none);
    CHECK(c.partition.start_offset() == 10);
}

TEST_CASE("records that are being acknowledged stay as they are until that is written") {
    Conversation c;
    c.acquire("m1", 10);
    const auto types = std::vector{static_cast<int8_t>(accept)};
    const Acknowledgement what{{0, 9}, types};
    const auto change = c.partition.acknowledge("m1", {&what, 1}, c.now_ms, c.limits);
    REQUIRE(change);
    CHECK_FALSE(c.partition.acknowledge("m1", {&what, 1}, c.now_ms, c.limits));
    CHECK(c.partition.release("m1", c.limits).empty());
    c.pass(60'000);
    CHECK(c.acquire("m2", 5) == AcquiredAll{{10, 19, 1}});
    c.partition.complete(change->id, false);
    c.pass(0);  // its lock had run out meanwhile
    CHECK(c.acquire("m2", 5) == AcquiredAll{{0, 9, 2}});
}

TEST_CASE("a lock that runs out gives the record to others, and a renewed one does not") {
    Conversation c;
    c.acquire("m1", 20);
    CHECK(c.partition.next_deadline() == 31'000);
    c.pass(20'000);
    CHECK(c.acknowledge("m1", {0, 9}, renew) == ErrorCode::none);
    CHECK(c.last_change.empty());
    c.pass(10'000);
    CHECK(c.acquire("m2", 5) == AcquiredAll{{10, 19, 2}});
    CHECK(c.acknowledge("m1", {10, 19}, accept) == ErrorCode::invalid_record_state);
    CHECK(c.acknowledge("m1", {0, 9}, accept) == ErrorCode::none);
    c.limits.renewal_is_enabled = false;
    CHECK(c.acknowledge("m2", {10, 19}, renew) == ErrorCode::invalid_record_state);
}

TEST_CASE("a member that goes gives back what it has, and nothing of the others") {
    Conversation c;
    c.acquire("m1", 10);
    c.acquire("m2", 10);
    const StateChange change = c.partition.release("m1", c.limits);
    CHECK(change.batches == std::vector<StateBatch>{{0, 9, available, 1}});
    c.partition.complete(change.id, true);
    CHECK(c.acquire("m3", 10) == AcquiredAll{{0, 9, 2}});
}

TEST_CASE("a record that fails again and again comes in smaller numbers and is given up") {
    Conversation c;
    c.log_end = 10;
    c.limits.delivery_count_max = 5;
    const auto fail_once = [&] {
        const AcquiredAll all = c.acquire("m1");
        for (const Acquired& one : all)
            CHECK(c.acknowledge("m1", {one.first_offset, one.last_offset}, release) ==
                  ErrorCode::none);
        return all;
    };
    CHECK(fail_once() == AcquiredAll{{0, 9, 1}});
    CHECK(fail_once() == AcquiredAll{{0, 9, 2}});
    CHECK(fail_once() == AcquiredAll{{0, 9, 3}});
    CHECK(fail_once() == AcquiredAll{{0, 4, 4}});  // half of the batch
    CHECK(fail_once() == AcquiredAll{{0, 0, 5}});  // the last time alone
    CHECK(c.partition.start_offset() == 1);        // archived
    CHECK(fail_once() == AcquiredAll{{1, 1, 5}});
}

TEST_CASE("no more than so many records are in flight, but what came back is delivered") {
    Conversation c;
    c.limits.in_flight_max = 15;
    CHECK(c.acquire("m1") == AcquiredAll{{0, 9, 1}, {10, 19, 1}});  // whole batches
    CHECK(c.acquire("m2").empty());
    CHECK_FALSE(c.partition.can_acquire(c.limits));
    CHECK(c.acknowledge("m1", {5, 6}, release) == ErrorCode::none);
    CHECK(c.acquire("m2") == AcquiredAll{{5, 6, 2}});
    CHECK(c.acknowledge("m1", {0, 4}, accept) == ErrorCode::none);
    CHECK(c.acknowledge("m2", {5, 6}, accept) == ErrorCode::none);
    CHECK(c.acquire("m2") == AcquiredAll{{20, 29, 1}});
}

TEST_CASE("records of aborted transactions are done with before anybody gets them") {
    Conversation c;
    c.aborted = {{10, 19}};
    CHECK(c.acquire("m1") == AcquiredAll{{0, 9, 1}, {20, 29, 1}});
    CHECK(c.acknowledge("m1", {0, 9}, accept) == ErrorCode::none);
    CHECK(c.partition.start_offset() == 20);
}

TEST_CASE("what the log has lost at its start is done with") {
    Conversation c;
    c.acquire("m1", 10);
    c.partition.log_starts_at(5);
    CHECK(c.partition.start_offset() == 5);
    CHECK(c.acknowledge("m1", {0, 9}, accept) == ErrorCode::none);
    CHECK(c.partition.start_offset() == 10);
    c.partition.log_starts_at(25);
    CHECK(c.partition.start_offset() == 25);
    CHECK(c.partition.end_offset() == 25);
    CHECK(c.acquire("m1", 10) == AcquiredAll{{25, 29, 1}});
}

TEST_CASE("what compaction has taken out of the log is done with") {
    Conversation c;
    c.acquire("m1", 10);
    c.acknowledge("m1", {0, 9}, release);
    const SharePartition::Read read{.fetch_offset = 0, .batches = {{20, 29}}};
    CHECK(c.partition.acquire({"m1", 500, 10, AcquireMode::batch_optimized, c.now_ms}, read,
                              c.limits) == AcquiredAll{{20, 29, 1}});
    CHECK(c.acknowledge("m1", {20, 29}, accept) == ErrorCode::none);
    CHECK(c.partition.start_offset() == 30);
}

TEST_CASE("after a start everything is available but for what was acknowledged") {
    const std::vector<StateBatch> stored{
        {5, 6, acknowledged, 1}, {8, 9, available, 2}, {10, 10, archived, 5}};
    Conversation c;
    c.partition = SharePartition(5, stored);
    CHECK(c.partition.start_offset() == 7);
    CHECK(c.partition.end_offset() == 11);
    CHECK(c.acquire("m1", 3) == AcquiredAll{{7, 7, 1}, {8, 9, 3}});
    CHECK(c.acquire("m1", 3) == AcquiredAll{{11, 19, 1}});
}

}  // namespace
}  // namespace broker::share
