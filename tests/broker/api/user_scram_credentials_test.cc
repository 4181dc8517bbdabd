// SCRAM users as an administrator makes and lists them.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "protocol/messages/alter_user_scram_credentials.h"
#include "protocol/messages/describe_user_scram_credentials.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/client.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

constexpr int8_t sha_256 = 1;
constexpr int8_t sha_512 = 2;
const Blob bytes(32, std::byte{7});

using Errors = std::map<std::string, ErrorCode>;

Errors alter(Client& client, const AlterUserScramCredentialsRequest& request) {
    Errors errors;
    for (const auto& result : client.call<AlterUserScramCredentialsResponse>(request, 0)->results)
        errors[result.user] = result.error_code;
    return errors;
}

AlterUserScramCredentialsRequest::ScramCredentialUpsertion password(std::string_view user,
                                                                    int8_t mechanism,
                                                                    int32_t iterations = 4096) {
    return {.name = user,
            .mechanism = mechanism,
            .iterations = iterations,
            .salt = bytes,
            .salted_password = bytes};
}

// The iterations of each mechanism, or a fault.
struct User {
    ErrorCode error = ErrorCode::none;
    std::map<int8_t, int32_t> iterations;
    bool operator==(const User&) const = default;
};
using Users = std::map<std::string, User>;

Users describe(Client& client, const DescribeUserScramCredentialsRequest& request) {
    const auto answer = client.call<DescribeUserScramCredentialsResponse>(request, 0);
    CHECK(answer->error_code == ErrorCode::none);
    Users users;
    for (const auto& result : answer->results) {
        User& user = users[result.user];
        user.error = result.error_code;
        for (const auto& [mechanism, iterations] : result.credential_infos)
            user.iterations[mechanism] = iterations;
    }
    CHECK(users.size() == answer->results.size());
    return users;
}

const DescribeUserScramCredentialsRequest everybody{.users = std::nullopt};

}  // namespace

TEST_CASE("SCRAM users are listed with their mechanisms, all or by name, and outlive the broker") {
    TestBroker broker;
    Client client(broker.port());
    CHECK(describe(client, everybody).empty());
    CHECK(
        alter(client, {.upsertions = {password("ann", sha_256), password("ben", sha_512, 9000)}}) ==
        Errors{{"ann", ErrorCode::none}, {"ben", ErrorCode::none}});
    CHECK(alter(client, {.upsertions = {password("ann", sha_512)}}) ==
          Errors{{"ann", ErrorCode::none}});
    const User ann{.iterations = {{sha_256, 4096}, {sha_512, 4096}}};
    const User ben{.iterations = {{sha_512, 9000}}};

    broker.restart();
    Client again(broker.port());
    CHECK(describe(again, everybody) == Users{{"ann", ann}, {"ben", ben}});
    CHECK(describe(again, {.users = {{}}}) == Users{{"ann", ann}, {"ben", ben}});
    CHECK(describe(again, {.users = {{{"ben"}, {"cleo"}}}}) ==
          Users{{"ben", ben}, {"cleo", {.error = ErrorCode::resource_not_found}}});
    CHECK(describe(again, {.users = {{{"ann"}, {"ben"}, {"ann"}}}}) ==
          Users{{"ann", {.error = ErrorCode::duplicate_resource}}, {"ben", ben}});

    CHECK(alter(again, {.deletions = {{"ann", sha_256}}}) == Errors{{"ann", ErrorCode::none}});
    CHECK(describe(again, {.users = {{{"ann"}}}}) ==
          Users{{"ann", {.iterations = {{sha_512, 4096}}}}});
}

TEST_CASE("each user of a request is answered by itself") {
    TestBroker broker;
    Client client(broker.port());
    CHECK(alter(client, {.deletions = {{"dora", sha_256}},
                         .upsertions = {password("ann", sha_256), password("ben", 3),
                                        password("cleo", sha_256, 1)}}) ==
          Errors{{"ann", ErrorCode::none},
                 {"ben", ErrorCode::unsupported_sasl_mechanism},
                 {"cleo", ErrorCode::unacceptable_credential},
                 {"dora", ErrorCode::resource_not_found}});
    CHECK(describe(client, everybody) == Users{{"ann", {.iterations = {{sha_256, 4096}}}}});
}
