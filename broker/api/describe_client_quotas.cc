#include <algorithm>
#include <expected>

#include "broker/api/handlers.h"
#include "broker/metadata/api_error.h"
#include "broker/shard.h"

namespace broker::api {

namespace {

using metadata::ApiError;
using metadata::QuotaEntity;
using protocol::DescribeClientQuotasRequest;
using protocol::DescribeClientQuotasResponse;
using protocol::ErrorCode;
using Component = DescribeClientQuotasRequest::ComponentData;

enum MatchType : int8_t { exact_name = 0, default_name = 1, any_name = 2 };

bool has_component(const DescribeClientQuotasRequest& request, std::string_view type) {
    return std::ranges::find(request.components, type, &Component::entity_type) !=
           request.components.end();
}

std::optional<ApiError> fault_of(const Component& component) {
    const auto invalid = [](std::string message) {
        return ApiError{ErrorCode::invalid_request, std::move(message)};
    };
    const std::string_view type = component.entity_type;
    if (type.empty()) return invalid("Invalid empty entity type.");
    if (type != quota::user_type && type != quota::client_id_type && type != quota::ip_type)
        return ApiError{ErrorCode::unsupported_version,
                        "Unsupported entity type " + std::string(type)};
    if (component.match_type < exact_name || component.match_type > any_name)
        return invalid("Unknown match type " + std::to_string(component.match_type));
    if (component.match_type == exact_name && !component.match)
        return invalid("To match exactly needs a name to match.");
    if (component.match_type != exact_name && component.match)
        return invalid("Only to match exactly takes a name to match.");
    return std::nullopt;
}

std::optional<ApiError> fault_of(const DescribeClientQuotasRequest& request) {
    for (auto component = request.components.begin(); component != request.components.end();
         ++component) {
        const auto is_same = [&](const Component& other) {
            return other.entity_type == component->entity_type;
        };
        if (std::any_of(request.components.begin(), component, is_same))
            return ApiError{ErrorCode::invalid_request,
                            "An entity type cannot appear more than once in the filter."};
        if (auto fault = fault_of(*component)) return fault;
    }
    if (request.components.size() > 1 && has_component(request, quota::ip_type))
        return ApiError{ErrorCode::invalid_request,
                        "An IP cannot be combined with a user or a client id."};
    return std::nullopt;
}

bool matches(const QuotaEntity& entity, const Component& component) {
    const auto part =
        std::ranges::find(entity, component.entity_type, &quota::EntityData::entity_type);
    if (part == entity.end()) return false;
    switch (component.match_type) {
        case exact_name: return part->entity_name == component.match;
        case default_name: return !part->entity_name;
        default: return true;
    }
}

bool matches(const QuotaEntity& entity, const DescribeClientQuotasRequest& request) {
    if (request.strict && entity.size() != request.components.size()) return false;
    return std::ranges::all_of(
        request.components, [&](const Component& component) { return matches(entity, component); });
}

}  // namespace

Answer<DescribeClientQuotasResponse> describe_client_quotas(
    RequestContext& context, const DescribeClientQuotasRequest& request) {
    DescribeClientQuotasResponse response;
    if (auto fault = fault_of(request)) {
        response.error_code = fault->code;
        response.error_message = std::move(fault->message);
        response.entries.reset();
        co_return response;
    }
    // Those of an entity follow each other.
    const QuotaEntity* last = nullptr;
    for (const auto& [quota, value] : context.home.image.quotas()) {
        const auto& [entity, key] = quota;
        if (!matches(entity, request)) continue;
        if (!last || *last != entity) {
            auto& entry = response.entries->emplace_back();
            for (const auto& [type, name] : entity) entry.entity.push_back({type, name});
        }
        last = &entity;
        response.entries->back().values.push_back({.key = key, .value = value});
    }
    co_return response;
}

}  // namespace broker::api
