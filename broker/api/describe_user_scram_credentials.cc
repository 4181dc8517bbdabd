#include <map>
#include <utility>

#include "broker/api/handlers.h"
#include "broker/shard.h"

namespace broker::api {

namespace {

using protocol::DescribeUserScramCredentialsRequest;
using protocol::DescribeUserScramCredentialsResponse;
using protocol::ErrorCode;
using Answered = DescribeUserScramCredentialsResponse::DescribeUserScramCredentialsResult;

// All users with credentials. What could be told of a password is not among it.
std::map<std::string_view, Answered> all_users(const metadata::ClusterImage& image) {
    std::map<std::string_view, Answered> users;
    for (const auto& [key, credential] : image.scram_users()) {
        Answered& user = users[key.first];
        user.user = key.first;
        user.credential_infos.push_back(
            {.mechanism = credential.mechanism, .iterations = credential.iterations});
    }
    return users;
}

Answered refuse(std::string_view user, ErrorCode error, std::string message) {
    return {.user = std::string(user), .error_code = error, .error_message = std::move(message)};
}

}  // namespace

Answer<DescribeUserScramCredentialsResponse> describe_user_scram_credentials(
    RequestContext& context, const DescribeUserScramCredentialsRequest& request) {
    DescribeUserScramCredentialsResponse response;
    auto users = all_users(context.home.image);
    if (!request.users || request.users->empty()) {
        for (auto& [name, user] : users) response.results.push_back(std::move(user));
        co_return response;
    }
    std::map<std::string_view, int> times_named;
    for (const auto& wanted : *request.users) ++times_named[wanted.name];
    for (const auto& [name] : *request.users) {
        const int times = std::exchange(times_named[name], 0);
        if (times == 0) continue;  // its one answer is there already
        const auto user = users.find(name);
        if (times > 1)
            response.results.push_back(
                refuse(name, ErrorCode::duplicate_resource,
                       "A user cannot be described twice in a request: " + std::string(name)));
        else if (user == users.end())
            response.results.push_back(refuse(
                name, ErrorCode::resource_not_found,
                "Attempt to describe a user credential that does not exist: " + std::string(name)));
        else
            response.results.push_back(std::move(user->second));
    }
    co_return response;
}

}  // namespace broker::api
