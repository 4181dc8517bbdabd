// Share sessions (KIP-932) by themselves.
#include "broker/api/share_sessions.h"

#include <doctest/doctest.h>

using namespace broker::api;
using protocol::ErrorCode;
using protocol::ShareFetchRequest;

namespace {

ShareFetchRequest request(int32_t epoch, std::vector<int32_t> partitions) {
    ShareFetchRequest request{.share_session_epoch = epoch};
    auto& topic = request.topics.emplace_back();
    for (const int32_t partition : partitions)
        topic.partitions.push_back({.partition_index = partition});
    return request;
}

ErrorCode error(ShareSessions& sessions, const ShareSessionKey& key,
                const ShareFetchRequest& request) {
    const auto begun = sessions.begin(key, request, nullptr);
    return begun ? ErrorCode::none : begun.error();
}

}  // namespace

TEST_CASE("a share session does not grow without end by partitions that are not there") {
    ShareSessionCount count(10);
    ShareSessions sessions(count, /*partitions_max=*/3);
    const ShareSessionKey one{"g", "one"}, two{"g", "two"};
    CHECK(error(sessions, one, request(0, {0, 1})) == ErrorCode::none);
    CHECK(error(sessions, one, request(1, {2})) == ErrorCode::none);
    CHECK(error(sessions, one, request(2, {3})) == ErrorCode::share_session_limit_reached);
    CHECK(error(sessions, two, request(0, {0})) == ErrorCode::share_session_limit_reached);
    // What it has already costs nothing, and what it forgets makes room.
    ShareFetchRequest forgets = request(2, {0, 1, 2});
    forgets.forgotten_topics_data = {{.partitions = {1, 2}}};
    CHECK(error(sessions, one, forgets) == ErrorCode::none);
    CHECK(error(sessions, two, request(0, {0, 1})) == ErrorCode::none);
    CHECK(sessions.end(one).size() == 1);
    CHECK(error(sessions, two, request(1, {2})) == ErrorCode::none);
}

TEST_CASE("as many share sessions as there may be can all be on one shard") {
    ShareSessionCount count(2);
    ShareSessions first(count), second(count);
    CHECK(error(first, {"g", "one"}, request(0, {0})) == ErrorCode::none);
    CHECK(error(first, {"g", "two"}, request(0, {0})) == ErrorCode::none);
    CHECK(error(second, {"h", "one"}, request(0, {0})) == ErrorCode::share_session_limit_reached);
    CHECK(error(first, {"g", "two"}, request(0, {0})) == ErrorCode::none);  // anew, in its place
    CHECK(first.end({"g", "one"}).size() == 1);
    CHECK(error(second, {"h", "one"}, request(0, {0})) == ErrorCode::none);
}
