// Fetch sessions (KIP-227) by themselves.
#include "broker/api/fetch_sessions.h"

#include <doctest/doctest.h>

#include <limits>

using namespace broker::api;
using protocol::ErrorCode;
using protocol::FetchRequest;

namespace {

constexpr int16_t version = 12;

FetchRequest request(int32_t id, int32_t epoch, std::vector<int32_t> partitions = {0}) {
    FetchRequest request{.session_id = id, .session_epoch = epoch};
    auto& topic = request.topics.emplace_back();
    topic.topic = "orders";
    for (const int32_t partition : partitions)
        topic.partitions.push_back({.partition = partition, .fetch_offset = 10 * partition});
    return request;
}

std::vector<int32_t> partitions(const FetchSession& session) {
    std::vector<int32_t> found;
    for (const FetchTarget& target : session.changed) found.push_back(target.partition);
    return found;
}
using Partitions = std::vector<int32_t>;

ErrorCode error(FetchSessions& sessions, const FetchRequest& request) {
    const auto begun = sessions.begin(request, version);
    return begun ? ErrorCode::none : begun.error();
}

}  // namespace

TEST_CASE("a full fetch that asks for a session gets one, another one does not") {
    FetchSessions sessions(0, 10);
    const auto with = sessions.begin(request(0, initial_fetch_epoch), version);
    REQUIRE(with);
    CHECK(with->session->id != no_fetch_session);
    CHECK(!with->is_incremental);
    const auto without = sessions.begin(request(0, final_fetch_epoch), version);
    REQUIRE(without);
    CHECK(without->session->id == no_fetch_session);
    CHECK(sessions.count() == 1);
}

TEST_CASE("a session id tells which shard keeps it") {
    FetchSessions first(0, 10), third(2, 10);
    const auto of_first = first.begin(request(0, initial_fetch_epoch), version)->session->id;
    const auto of_third = third.begin(request(0, initial_fetch_epoch), version)->session->id;
    CHECK(of_first != of_third);
    CHECK(error(third, request(of_first, 1)) == ErrorCode::fetch_session_id_not_found);
}

TEST_CASE("a session adds, changes and forgets partitions, and keeps their order") {
    FetchSessions sessions(0, 10);
    const auto session = sessions.begin(request(0, 0, {3, 1, 2}), version)->session;
    CHECK(partitions(*session) == Partitions{3, 1, 2});
    FetchRequest next = request(session->id, 1, {1, 5});
    next.topics.front().partitions.front().fetch_offset = 99;
    next.forgotten_topics_data = {{.topic = "orders", .partitions = {3, 7}}};
    REQUIRE(sessions.begin(next, version));
    CHECK(partitions(*session) == Partitions{1, 2, 5});
    CHECK(session->changed.front().fetch_offset == 99);
}

TEST_CASE("after the last epoch a session goes on with 1") {
    FetchSessions sessions(0, 10);
    const auto session = sessions.begin(request(0, 0), version)->session;
    session->next_epoch = std::numeric_limits<int32_t>::max();
    CHECK(error(sessions, request(session->id, std::numeric_limits<int32_t>::max())) ==
          ErrorCode::none);
    CHECK(error(sessions, request(session->id, 1)) == ErrorCode::none);
}

TEST_CASE("a session in use by one request is not there for another") {
    FetchSessions sessions(0, 10);
    const auto session = sessions.begin(request(0, 0), version)->session;
    session->is_in_use = true;
    CHECK(error(sessions, request(session->id, 1)) == ErrorCode::invalid_fetch_session_epoch);
}

TEST_CASE("there are never more sessions than allowed, and with none allowed fetches go without") {
    FetchSessions two(0, 2);
    for (int i = 0; i < 5; ++i) REQUIRE(two.begin(request(0, 0), version));
    CHECK(two.count() == 2);
    FetchSessions none(0, 0);
    const auto without = none.begin(request(0, 0), version);
    REQUIRE(without);
    CHECK(without->session->id == no_fetch_session);
    CHECK(partitions(*without->session) == Partitions{0});
}

TEST_CASE("a session that grows with each fetch is over once it is too large") {
    FetchSessions sessions(0, 10, 3'000);
    const auto session = sessions.begin(request(0, 0, {0}), version)->session;
    ErrorCode last = ErrorCode::none;
    for (int32_t epoch = 1; epoch < 10 && last == ErrorCode::none; ++epoch)
        last = error(sessions, request(session->id, epoch, {epoch}));
    CHECK(last == ErrorCode::fetch_session_id_not_found);
    CHECK(sessions.count() == 0);
    CHECK(sessions.size_bytes() == 0);
    // Its client begins anew with all of them.
    const auto without = sessions.begin(request(0, 0, {0, 1, 2, 3, 4, 5, 6, 7, 8}), version);
    REQUIRE(without);
    CHECK(without->session->id == no_fetch_session);
    CHECK(partitions(*without->session).size() == 9);
    CHECK(sessions.count() == 0);
}

TEST_CASE("sessions that are too large together go, the one unused for longest first") {
    FetchSessions sessions(0, 10, 3'000);
    const auto one = sessions.begin(request(0, 0, {0, 1}), version)->session;
    const auto two = sessions.begin(request(0, 0, {0, 1}), version)->session;
    REQUIRE(sessions.begin(request(0, 0, {0, 1}), version));
    CHECK(error(sessions, request(one->id, 1)) == ErrorCode::none);
    REQUIRE(sessions.begin(request(0, 0, {0, 1}), version));
    CHECK(error(sessions, request(two->id, 1)) == ErrorCode::fetch_session_id_not_found);
    CHECK(error(sessions, request(one->id, 2)) == ErrorCode::none);
}

TEST_CASE("what a session forgets makes room") {
    FetchSessions sessions(0, 10, 3'000);
    const auto session = sessions.begin(request(0, 0, {0}), version)->session;
    for (int32_t epoch = 1; epoch < 50; ++epoch) {
        FetchRequest next = request(session->id, epoch, {epoch});
        next.forgotten_topics_data = {{.topic = "orders", .partitions = {epoch - 1}}};
        REQUIRE(error(sessions, next) == ErrorCode::none);
    }
}
