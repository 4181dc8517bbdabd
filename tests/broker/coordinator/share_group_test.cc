// Share groups (KIP-932) over connections: their members, and the offsets that administrators see
// and set.
#include <doctest/doctest.h>

#include <algorithm>

#include "protocol/messages/alter_share_group_offsets.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/delete_share_group_offsets.h"
#include "protocol/messages/describe_share_group_offsets.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/share_fetch.h"
#include "protocol/messages/share_group_describe.h"
#include "protocol/messages/share_group_heartbeat.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const std::string group = "workers";
constexpr std::string_view topic_name = "orders";
constexpr int32_t leaving = -1;

ShareGroupHeartbeatResponse beat(Client& client, const std::string& member_id, int32_t epoch) {
    ShareGroupHeartbeatRequest request{
        .group_id = group, .member_id = member_id, .member_epoch = epoch};
    if (epoch == 0) request.subscribed_topic_names = {{topic_name}};
    return *client.call<ShareGroupHeartbeatResponse>(request, 1);
}

size_t partition_count(const ShareGroupHeartbeatResponse& response) {
    REQUIRE(response.error_code == ErrorCode::none);
    if (!response.assignment) return 0;
    size_t count = 0;
    for (const auto& topic : response.assignment->topic_partitions)
        count += topic.partitions.size();
    return count;
}

// Joins, and stays until it has so many partitions. Its epoch.
int32_t join(Client& client, const std::string& member_id, size_t wanted_count) {
    auto answer = beat(client, member_id, 0);
    wait_until([&] {
        if (partition_count(answer) == wanted_count) return true;
        answer = beat(client, member_id, answer.member_epoch);
        return false;
    });
    return answer.member_epoch;
}

ShareGroupDescribeResponse::DescribedGroup describe(Client& client) {
    const ShareGroupDescribeRequest request{.group_ids = {group}};
    return client.call<ShareGroupDescribeResponse>(request, 1)->groups.at(0);
}

struct Offset {
    int64_t start = -1;
    int64_t lag = -1;
    ErrorCode error = ErrorCode::none;
    bool operator==(const Offset&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Offset& offset) {
    return out << offset.start << " lag " << offset.lag << " " << name(offset.error);
}

Offset offset_of(Client& client, int32_t partition = 0, std::string_view topic = topic_name) {
    DescribeShareGroupOffsetsRequest request;
    request.groups = {
        {.group_id = group, .topics = {{{.topic_name = topic, .partitions = {partition}}}}}};
    const auto answer = client.call<DescribeShareGroupOffsetsResponse>(request, 1);
    const auto& described = answer->groups.at(0).topics.at(0).partitions.at(0);
    return {described.start_offset, described.lag, described.error_code};
}

// Of how many partitions the group has offsets.
size_t offset_count(Client& client) {
    DescribeShareGroupOffsetsRequest request;
    request.groups = {{.group_id = group, .topics = std::nullopt}};
    const auto answer = client.call<DescribeShareGroupOffsetsResponse>(request, 1);
    size_t count = 0;
    for (const auto& topic : answer->groups.at(0).topics) count += topic.partitions.size();
    return count;
}

struct Changed {
    ErrorCode of_request = ErrorCode::none;
    ErrorCode of_topic = ErrorCode::none;
    bool operator==(const Changed&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Changed& changed) {
    return out << name(changed.of_request) << ", " << name(changed.of_topic);
}

Changed set_offset(Client& client, int32_t partition, int64_t offset) {
    const AlterShareGroupOffsetsRequest request{
        .group_id = group,
        .topics = {{.topic_name = topic_name, .partitions = {{partition, offset}}}}};
    const auto answer = client.call<AlterShareGroupOffsetsResponse>(request, 0);
    if (answer->responses.empty()) return {answer->error_code};
    return {answer->error_code, answer->responses.at(0).partitions.at(0).error_code};
}

Changed delete_offsets(Client& client, std::string_view topic = topic_name) {
    const DeleteShareGroupOffsetsRequest request{.group_id = group, .topics = {{topic}}};
    const auto answer = client.call<DeleteShareGroupOffsetsResponse>(request, 0);
    if (answer->responses.empty()) return {answer->error_code};
    return {answer->error_code, answer->responses.at(0).error_code};
}

ErrorCode delete_group(Client& client) {
    const DeleteGroupsRequest request{.groups_names = {group}};
    return client.call<DeleteGroupsResponse>(request, 3)->results.at(0).error_code;
}

// The first offset that a member gets, as it comes; none: -1.
int64_t first_acquired(Client& client, const Uuid& topic) {
    const ShareFetchRequest request{
        .group_id = group,
        .member_id = "reader",
        .max_wait_ms = 0,
        .min_bytes = 1,
        .max_bytes = 1 << 20,
        .max_records = 500,
        .batch_size = 500,
        .topics = {{.topic_id = topic, .partitions = {{.partition_index = 0}}}}};
    const auto answer = client.call<ShareFetchResponse>(request, 2);
    const auto& partition = answer->responses.at(0).partitions.at(0);
    REQUIRE(partition.error_code == ErrorCode::none);
    return partition.acquired_records.empty() ? -1 : partition.acquired_records[0].first_offset;
}

struct Running {
    explicit Running(Values settings = {}) : broker(std::move(settings)) {
        client_.emplace(broker.port());
        topic = create_topic(client(), std::string(topic_name), 2);
        find_coordinators(client(), group, "an-id");
    }
    Client& client() { return *client_; }
    void restart() {
        client_.reset();
        broker.restart();
        client_.emplace(broker.port());
        find_coordinators(client(), group, "an-id");
    }

    TestBroker broker;
    std::optional<Client> client_;
    Uuid topic;
};

}  // namespace

TEST_CASE("a share group's member gets its partitions once their state is there") {
    Running test(on_one_and_three_threads());
    const int32_t epoch = join(test.client(), "a", 2);
    const auto described = describe(test.client());
    CHECK(described.error_code == ErrorCode::none);
    CHECK(described.group_state == "Stable");
    CHECK(described.assignor_name == "simple");
    CHECK(described.group_epoch == epoch);
    const auto& member = described.members.at(0);
    CHECK(member.subscribed_topic_names == std::vector<std::string>{"orders"});
    CHECK(member.assignment.topic_partitions.at(0).topic_name == "orders");
    CHECK(member.assignment.topic_partitions.at(0).partitions == std::vector<int32_t>{0, 1});
    CHECK(offset_count(test.client()) == 2);
    const ListGroupsRequest shares{.types_filter = {"share"}};
    CHECK(test.client().call<ListGroupsResponse>(shares, 5)->groups.at(0).group_id == group);
}

TEST_CASE("a share group is there after a restart, with its members and its offsets") {
    Running test(on_one_and_three_threads());
    join(test.client(), "a", 2);
    test.restart();
    const auto described = describe(test.client());
    CHECK(described.group_state == "Stable");
    CHECK(offset_count(test.client()) == 2);
    CHECK(beat(test.client(), "a", described.group_epoch).error_code == ErrorCode::none);
    CHECK(beat(test.client(), "a", leaving).member_epoch == leaving);
    CHECK(describe(test.client()).group_state == "Empty");
}

TEST_CASE("a member of a share group that is silent is gone after its session") {
    Running test({{"group.share.session.timeout.ms", "500"},
                  {"group.share.min.session.timeout.ms", "100"},
                  {"group.share.min.heartbeat.interval.ms", "50"},
                  {"group.share.heartbeat.interval.ms", "100"}});
    join(test.client(), "a", 2);
    wait_until([&] { return describe(test.client()).group_state == "Empty"; });
    CHECK(beat(test.client(), "a", 2).error_code == ErrorCode::unknown_member_id);
}

TEST_CASE("the offsets of an empty share group are set, and its members begin there") {
    Running test(on_one_and_three_threads());
    const auto filled = produce(test.client(), {std::string(topic_name)}, plain_batch(10));
    REQUIRE(filled.error == ErrorCode::none);
    join(test.client(), "a", 2);
    CHECK(set_offset(test.client(), 0, 4) == Changed{ErrorCode::non_empty_group});
    beat(test.client(), "a", leaving);
    CHECK(set_offset(test.client(), 0, 4) == Changed{});
    CHECK(set_offset(test.client(), 7, 4) ==
          Changed{ErrorCode::none, ErrorCode::unknown_topic_or_partition});
    CHECK(offset_of(test.client()) == Offset{4, 6});
    test.restart();
    CHECK(offset_of(test.client()) == Offset{4, 6});
    // Reading needs no membership.
    CHECK(first_acquired(test.client(), test.topic) == 4);
}

TEST_CASE("the offsets of an empty share group are deleted, and the group with them") {
    Running test(on_one_and_three_threads());
    join(test.client(), "a", 2);
    CHECK(delete_offsets(test.client()) == Changed{ErrorCode::non_empty_group});
    CHECK(delete_group(test.client()) == ErrorCode::non_empty_group);
    beat(test.client(), "a", leaving);
    set_offset(test.client(), 0, 4);
    CHECK(delete_offsets(test.client(), "nowhere") ==
          Changed{ErrorCode::none, ErrorCode::unknown_topic_or_partition});
    CHECK(delete_offsets(test.client()) == Changed{});
    CHECK(offset_of(test.client()) == Offset{});
    CHECK(offset_count(test.client()) == 0);
    CHECK(delete_group(test.client()) == ErrorCode::none);
    CHECK(describe(test.client()).error_code == ErrorCode::group_id_not_found);
    test.restart();
    CHECK(describe(test.client()).error_code == ErrorCode::group_id_not_found);
    CHECK(offset_of(test.client()) == Offset{});
}

TEST_CASE("with a share group goes its state: one of the same name knows nothing of it") {
    Running test(on_one_and_three_threads());
    join(test.client(), "a", 2);
    beat(test.client(), "a", leaving);
    REQUIRE(set_offset(test.client(), 0, 4) == Changed{});
    REQUIRE(delete_group(test.client()) == ErrorCode::none);
    CHECK(offset_of(test.client()) == Offset{});
    join(test.client(), "b", 2);
    CHECK(offset_of(test.client()).start == -1);
}

TEST_CASE("offsets of share groups that cannot be asked for are refused") {
    Running test;
    const auto ask = [&](std::string_view id, std::vector<int32_t> partitions) {
        DescribeShareGroupOffsetsRequest request;
        request.groups = {
            {.group_id = id, .topics = {{{.topic_name = topic_name, .partitions = partitions}}}}};
        return test.client()
            .call<DescribeShareGroupOffsetsResponse>(request, 1)
            ->groups.at(0)
            .error_code;
    };
    CHECK(ask("", {0}) == ErrorCode::invalid_group_id);
    CHECK(ask(group, {}) == ErrorCode::invalid_request);
    CHECK(ask(group, {0, -1}) == ErrorCode::invalid_request);
    CHECK(ask(group, {0}) == ErrorCode::none);
}

TEST_CASE("what is not there has no offsets in a share group, which is no error") {
    Running test;
    CHECK(offset_of(test.client()) == Offset{});
    CHECK(offset_of(test.client(), 7) == Offset{});
    CHECK(offset_of(test.client(), 0, "nowhere") == Offset{});
    CHECK(offset_count(test.client()) == 0);
    CHECK(delete_offsets(test.client()) == Changed{ErrorCode::group_id_not_found});
}
