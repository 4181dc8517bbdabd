// Groups and offsets that are to be forgotten: DeleteGroups, OffsetDelete.
#include <doctest/doctest.h>

#include <optional>

#include "protocol/messages/delete_groups.h"
#include "protocol/messages/offset_delete.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const Partition orders{"orders"};

struct Running {
    explicit Running(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {}

    void restart() {
        client.reset();
        broker.restart();
        client.emplace(broker.port());
    }
    ErrorCode delete_group(std::string_view group) {
        const DeleteGroupsRequest request{.groups_names = {group}};
        return client->call<DeleteGroupsResponse>(request, 3)->results.at(0).error_code;
    }

    TestBroker broker;
    std::optional<Client> client;
};

}  // namespace

TEST_CASE("a group is deleted with its offsets, and stays deleted") {
    Running test(on_one_and_three_threads());
    create_topic(*test.client, "orders");
    CHECK(test.delete_group("a-group") == ErrorCode::not_coordinator);
    find_coordinators(*test.client, "a-group", "an-id");
    CHECK(test.delete_group("a-group") == ErrorCode::group_id_not_found);
    REQUIRE(commit_offset(*test.client, "a-group", orders, 5) == ErrorCode::none);
    CHECK(test.delete_group("a-group") == ErrorCode::none);
    CHECK(test.delete_group("a-group") == ErrorCode::group_id_not_found);
    test.restart();
    CHECK(committed_offset(*test.client, "a-group", orders) == Committed{ErrorCode::none, -1});
}

TEST_CASE("single offsets of a group are deleted") {
    Running test(on_one_and_three_threads());
    create_topic(*test.client, "orders", 2);
    find_coordinators(*test.client, "a-group", "an-id");
    for (const int32_t partition : {0, 1})
        REQUIRE(commit_offset(*test.client, "a-group", {"orders", partition}, 5) ==
                ErrorCode::none);
    const OffsetDeleteRequest request{.group_id = "a-group",
                                      .topics = {{.name = "orders", .partitions = {{0}, {7}}},
                                                 {.name = "payments", .partitions = {{0}}}}};
    const auto answer = test.client->call<OffsetDeleteResponse>(request, 0);
    CHECK(answer->error_code == ErrorCode::none);
    REQUIRE(answer->topics.size() == 2);
    const auto& of_orders = answer->topics.at(0).partitions;
    CHECK(of_orders.at(0).error_code == ErrorCode::unknown_topic_or_partition);
    CHECK(of_orders.at(0).partition_index == 7);
    CHECK(of_orders.at(1).error_code == ErrorCode::none);
    CHECK(committed_offset(*test.client, "a-group", orders) == Committed{ErrorCode::none, -1});
    CHECK(committed_offset(*test.client, "a-group", {"orders", 1}) ==
          Committed{ErrorCode::none, 5});
    const auto unknown = test.client->call<OffsetDeleteResponse>(
        OffsetDeleteRequest{.group_id = "no-group", .topics = request.topics}, 0);
    CHECK(unknown->error_code == ErrorCode::group_id_not_found);
    CHECK(unknown->topics.empty());
}
