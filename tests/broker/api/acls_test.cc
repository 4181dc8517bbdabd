// Access control lists as an administrator sees them: made, listed, removed, there after a restart.
#include <doctest/doctest.h>

#include <algorithm>

#include "protocol/messages/create_acls.h"
#include "protocol/messages/delete_acls.h"
#include "protocol/messages/describe_acls.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const Values with_authorizer = {
    {"authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"}};

constexpr int8_t any = 1, topic = 2, literal = 3, prefixed = 4, read = 3, allow = 3;

CreateAclsRequest::AclCreation may_read(std::string_view name, int8_t pattern = literal) {
    return {.resource_type = topic,
            .resource_name = name,
            .resource_pattern_type = pattern,
            .principal = "User:a",
            .host = "*",
            .operation = read,
            .permission_type = allow};
}

DeleteAclsRequest::DeleteAclsFilter named(std::optional<std::string_view> name) {
    return {.resource_type_filter = any,
            .resource_name_filter = name,
            .pattern_type_filter = any,
            .principal_filter = std::nullopt,
            .host_filter = std::nullopt,
            .operation = any,
            .permission_type = any};
}

struct Running {
    explicit Running(Values settings = with_authorizer)
        : broker(std::move(settings)), client(broker.port()) {}

    std::vector<ErrorCode> create(std::vector<CreateAclsRequest::AclCreation> creations) {
        const CreateAclsRequest request{.creations = std::move(creations)};
        std::vector<ErrorCode> errors;
        for (const auto& result : client.call<CreateAclsResponse>(request, 3)->results)
            errors.push_back(result.error_code);
        return errors;
    }
    Received<DescribeAclsResponse> describe() { return describe(client); }
    static Received<DescribeAclsResponse> describe(Client& client) {
        const DescribeAclsRequest request{.resource_type_filter = any,
                                          .resource_name_filter = std::nullopt,
                                          .pattern_type_filter = any,
                                          .principal_filter = std::nullopt,
                                          .host_filter = std::nullopt,
                                          .operation = any,
                                          .permission_type = any};
        return client.call<DescribeAclsResponse>(request, 3);
    }
    Received<DeleteAclsResponse> remove(std::vector<DeleteAclsRequest::DeleteAclsFilter> filters) {
        return client.call<DeleteAclsResponse>(DeleteAclsRequest{.filters = std::move(filters)}, 3);
    }

    TestBroker broker;
    Client client;
};

using Errors = std::vector<ErrorCode>;

}  // namespace

TEST_CASE("without an authorizer there are no access control lists") {
    Running running(Values{});
    CHECK(running.create({may_read("a"), may_read("b")}) ==
          Errors{ErrorCode::security_disabled, ErrorCode::security_disabled});
    CHECK(running.describe()->error_code == ErrorCode::security_disabled);
    CHECK(running.remove({named("a")})->filter_results.at(0).error_code ==
          ErrorCode::security_disabled);
}

TEST_CASE("an access control list is there once, however often it is made, and after a restart") {
    Running running;
    CHECK(running.create({may_read("a"), may_read("a"), may_read("b", prefixed)}) ==
          Errors{ErrorCode::none, ErrorCode::none, ErrorCode::none});
    CHECK(running.create({may_read("a")}) == Errors{ErrorCode::none});
    running.broker.restart();
    Client again(running.broker.port());
    const auto listed = Running::describe(again);
    REQUIRE(listed->resources.size() == 2);
    CHECK(listed->resources[0].resource_name == "a");
    CHECK(listed->resources[0].acls.size() == 1);
    CHECK(listed->resources[1].pattern_type == prefixed);
    CHECK(listed->resources[1].acls.at(0).principal == "User:a");
}

TEST_CASE("what is wrong with one of several entries is said of that one alone") {
    Running running;
    CHECK(running.create({may_read(""), may_read("b")}) ==
          Errors{ErrorCode::invalid_request, ErrorCode::none});
    CHECK(running.describe()->resources.size() == 1);
}

TEST_CASE("each filter tells what it named, and all of that is gone") {
    Running running;
    running.create({may_read("a"), may_read("b"), may_read("c")});
    const auto removed = running.remove({named("a"), named("nothing"), named("a"), named("b")});
    REQUIRE(removed->filter_results.size() == 4);
    CHECK(removed->filter_results[0].matching_acls.size() == 1);
    CHECK(removed->filter_results[1].matching_acls.empty());
    CHECK(removed->filter_results[2].matching_acls.size() == 1);
    CHECK(removed->filter_results[3].matching_acls.at(0).resource_name == "b");
    CHECK(running.describe()->resources.size() == 1);
    CHECK(running.remove({named(std::nullopt)})->filter_results.at(0).matching_acls.size() == 1);
    CHECK(running.describe()->resources.empty());
}

TEST_CASE("a kind of access that Kafka does not know is neither made nor found") {
    Running running;
    auto unknown = may_read("a");
    unknown.operation = 99;
    CHECK(running.create({unknown, may_read("a")}) ==
          Errors{ErrorCode::invalid_request, ErrorCode::none});
    const DescribeAclsRequest nothing{
        .resource_type_filter = any, .pattern_type_filter = any, .operation = 99};
    CHECK(running.client.call<DescribeAclsResponse>(nothing, 3)->resources.empty());
}

TEST_CASE("a filter that Kafka does not know removes nothing, it closes the connection") {
    Running running;
    running.create({may_read("a")});
    auto unknown = named("a");
    unknown.pattern_type_filter = 99;
    running.client.send(DeleteAclsRequest{.filters = {unknown}}, 3);
    CHECK(running.client.is_closed_by_broker());
    Client again(running.broker.port());
    CHECK(Running::describe(again)->resources.size() == 1);
}
