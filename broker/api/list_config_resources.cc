#include <algorithm>
#include <array>

#include "broker/api/handlers.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using metadata::ConfigResource;
using protocol::ErrorCode;
using protocol::ListConfigResourcesRequest;
using protocol::ListConfigResourcesResponse;

constexpr std::array every_type{static_cast<int8_t>(ConfigResource::topic),
                                static_cast<int8_t>(ConfigResource::broker),
                                static_cast<int8_t>(ConfigResource::broker_logger),
                                static_cast<int8_t>(ConfigResource::client_metrics),
                                static_cast<int8_t>(ConfigResource::group)};

std::vector<std::string> names_of(const metadata::ClusterImage& image, ConfigResource type) {
    std::vector<std::string> names;
    switch (type) {
        case ConfigResource::topic:
            image.for_each_topic([&](const auto& topic) { names.push_back(topic->name); });
            break;
        case ConfigResource::broker:
        case ConfigResource::broker_logger:
            for (const int32_t id : image.broker_ids()) names.push_back(std::to_string(id));
            break;
        default: names = image.configured(type);
    }
    return names;
}

}  // namespace

Answer<ListConfigResourcesResponse> list_config_resources(
    RequestContext& context, const ListConfigResourcesRequest& request) {
    const auto is_of_version = [&](int8_t type) {
        return context.version >= 1 || type == protocol::client_metrics_resource;
    };
    const auto is_served = [&](int8_t type) {
        return std::ranges::find(every_type, type) != every_type.end() && is_of_version(type);
    };
    ListConfigResourcesResponse response;
    if (!std::ranges::all_of(request.resource_types, is_served)) {
        response.error_code = ErrorCode::unsupported_version;
        co_return response;
    }
    const auto& wanted = request.resource_types;
    for (const int8_t type : every_type) {
        const bool is_wanted =
            wanted.empty() ? is_of_version(type) : std::ranges::find(wanted, type) != wanted.end();
        if (!is_wanted) continue;
        for (std::string& name : names_of(context.home.image, static_cast<ConfigResource>(type)))
            response.config_resources.push_back(
                {.resource_name = std::move(name), .resource_type = type});
    }
    co_return response;
}

}  // namespace broker::api
