#include <algorithm>

#include "broker/api/acl_filter.h"
#include "broker/api/handlers.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using metadata::AclEntry;
using protocol::CreateAclsRequest;
using protocol::CreateAclsResponse;
using protocol::ErrorCode;
using Wanted = CreateAclsRequest::AclCreation;
using Result = CreateAclsResponse::AclCreationResult;

AclEntry entry_of(const Wanted& wanted) {
    return {.resource_type = wanted.resource_type,
            .resource_name = std::string(wanted.resource_name),
            .pattern_type = wanted.resource_pattern_type,
            .principal = std::string(wanted.principal),
            .host = std::string(wanted.host),
            .operation = wanted.operation,
            .permission_type = wanted.permission_type};
}

std::expected<std::vector<metadata::MetadataRecord>, metadata::ApiError> records_of(
    const metadata::ClusterImage& image, const std::vector<AclEntry>& entries, Broker& broker) {
    auto fresh = metadata::new_acls(image.acls(), entries, broker.config().config_bytes_max);
    if (!fresh) return std::unexpected(fresh.error());
    for (AclEntry& entry : *fresh) entry.id = broker.shards().first().random_uuid();
    return std::vector<metadata::MetadataRecord>(fresh->begin(), fresh->end());
}

}  // namespace

Answer<CreateAclsResponse> create_acls(RequestContext& context, const CreateAclsRequest& request) {
    CreateAclsResponse response;
    const auto refuse_all = [&](ErrorCode code, const std::string& message) {
        response.results.assign(request.creations.size(),
                                {.error_code = code, .error_message = message});
    };
    if (!context.broker.config().has_authorizer) {
        refuse_all(ErrorCode::security_disabled, no_authorizer);
        co_return response;
    }
    std::vector<AclEntry> valid;
    for (const Wanted& wanted : request.creations) {
        AclEntry entry = entry_of(wanted);
        Result& result = response.results.emplace_back(Result{.error_message = std::nullopt});
        if (const auto is_valid = metadata::validate_acl(entry); !is_valid) {
            result = {.error_code = is_valid.error().code,
                      .error_message = is_valid.error().message};
        } else {
            valid.push_back(std::move(entry));
        }
    }
    const auto decide = [&](const metadata::ClusterImage& image, const auto&) {
        return records_of(image, valid, context.broker);
    };
    const auto changed = co_await context.broker.controller().change(decide);
    if (!changed) refuse_all(changed.error().code, changed.error().message);
    co_return response;
}

}  // namespace broker::api
