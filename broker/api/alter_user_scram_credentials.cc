#include "broker/api/change_each.h"
#include "broker/api/error_message.h"
#include "broker/metadata/scram_changes.h"

namespace broker::api {

namespace {

using protocol::AlterUserScramCredentialsRequest;
using protocol::AlterUserScramCredentialsResponse;

protocol::Blob owned(protocol::Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

Answer<AlterUserScramCredentialsResponse> alter_user_scram_credentials(
    RequestContext& context, const AlterUserScramCredentialsRequest& request) {
    std::vector<metadata::ScramDeletion> deletions;
    for (const auto& deletion : request.deletions)
        deletions.push_back({std::string(deletion.name), deletion.mechanism});
    std::vector<metadata::ScramUpsertion> upsertions;
    for (const auto& upsertion : request.upsertions)
        upsertions.push_back({.user = std::string(upsertion.name),
                              .mechanism = upsertion.mechanism,
                              .iterations = upsertion.iterations,
                              .salt = owned(upsertion.salt),
                              .salted_password = owned(upsertion.salted_password)});
    std::function decide = [&](const metadata::ClusterImage& image) {
        return metadata::alter_scram_credentials(image, deletions, upsertions);
    };
    auto results = co_await change_each(context, std::move(decide));
    AlterUserScramCredentialsResponse response;
    for (auto& result : results) {
        auto& answer = response.results.emplace_back();
        answer.user = std::move(result.user);
        answer.error_code = result.error.code;
        answer.error_message = message_of(result.error);
    }
    co_return response;
}

}  // namespace broker::api
