#include <algorithm>
#include <map>

#include "broker/api/acl_filter.h"
#include "broker/api/handlers.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using protocol::DeleteAclsRequest;
using protocol::DeleteAclsResponse;
using protocol::ErrorCode;
using Result = DeleteAclsResponse::DeleteAclsFilterResult;

Result::DeleteAclsMatchingAcl deleted(const metadata::AclEntry& entry) {
    return {.error_message = std::nullopt,
            .resource_type = entry.resource_type,
            .resource_name = entry.resource_name,
            .pattern_type = entry.pattern_type,
            .principal = entry.principal,
            .host = entry.host,
            .operation = entry.operation,
            .permission_type = entry.permission_type};
}

// What each filter names, which may be the same twice; each entry is removed once.
std::vector<metadata::MetadataRecord> remove_matching(
    const metadata::ClusterImage& image, const std::vector<metadata::AclFilter>& filters,
    std::vector<Result>& results) {
    std::vector<metadata::MetadataRecord> records;
    for (const auto& [id, entry] : image.acls()) {
        bool is_named = false;
        for (size_t i = 0; i < filters.size(); ++i) {
            if (!filters[i].matches(entry)) continue;
            results[i].matching_acls.push_back(deleted(entry));
            is_named = true;
        }
        if (is_named) records.emplace_back(protocol::RemoveAccessControlEntryRecord{.id = id});
    }
    return records;
}

}  // namespace

Answer<DeleteAclsResponse> delete_acls(RequestContext& context, const DeleteAclsRequest& request) {
    DeleteAclsResponse response;
    std::vector<metadata::AclFilter> filters;
    for (const auto& filter : request.filters) filters.push_back(acl_filter(filter));
    if (std::ranges::any_of(filters, &metadata::AclFilter::has_unknown_part)) {
        context.refuse_request();
        co_return response;
    }
    const auto answer_all = [&](ErrorCode code, const std::optional<std::string>& message) {
        response.filter_results.assign(filters.size(),
                                       {.error_code = code, .error_message = message});
    };
    if (!context.broker.config().has_authorizer) {
        answer_all(ErrorCode::security_disabled, no_authorizer);
        co_return response;
    }
    answer_all(ErrorCode::none, std::nullopt);
    const auto decide = [&](const metadata::ClusterImage& image, const auto&) {
        return std::expected<std::vector<metadata::MetadataRecord>, metadata::ApiError>(
            remove_matching(image, filters, response.filter_results));
    };
    const auto changed = co_await context.broker.controller().change(decide);
    if (!changed) answer_all(changed.error().code, changed.error().message);
    co_return response;
}

}  // namespace broker::api
