// What AlterConfigs and IncrementalAlterConfigs have in common: each resource is judged by itself,
// and changed as a whole or not at all.
#pragma once

#include <map>
#include <utility>

#include "broker/api/handlers.h"
#include "broker/metadata/config_changes.h"

namespace broker::api {

// Changes one resource, or says why not.
Answer<std::expected<void, metadata::ApiError>> change_resource(RequestContext& context,
                                                                metadata::ConfigChange change,
                                                                bool validate_only);

// Answers a request, whose configs `entry_of` reads. With `replaces_all` those that it does not
// name are deleted.
template <class Response, class Request, class Config>
Answer<Response> change_resources(RequestContext& context, const Request& request,
                                  bool replaces_all,
                                  metadata::ConfigChange::Entry (*entry_of)(const Config&)) {
    std::map<std::pair<int8_t, std::string_view>, int> times_named;
    for (const auto& resource : request.resources)
        ++times_named[{resource.resource_type, resource.resource_name}];
    const auto change_of = [&](const auto& resource) {
        metadata::ConfigChange change{
            .resource = static_cast<metadata::ConfigResource>(resource.resource_type),
            .name = std::string(resource.resource_name),
            .replaces_all = replaces_all};
        for (const Config& config : resource.configs) change.entries.push_back(entry_of(config));
        return change;
    };
    Response response;
    for (const auto& resource : request.resources) {
        std::expected<void, metadata::ApiError> changed;
        if (times_named[{resource.resource_type, resource.resource_name}] > 1) {
            changed = std::unexpected(metadata::ApiError{
                protocol::ErrorCode::invalid_request, "Each resource must appear at most once."});
        } else {
            auto change = change_of(resource);
            changed = co_await change_resource(context, std::move(change), request.validate_only);
        }
        auto& answer = response.responses.emplace_back();
        answer.resource_type = resource.resource_type;
        answer.resource_name = resource.resource_name;
        answer.error_message.reset();
        if (changed) continue;
        answer.error_code = changed.error().code;
        answer.error_message = std::move(changed.error().message);
    }
    co_return response;
}

}  // namespace broker::api
