#include "broker/api/change_resources.h"

namespace broker::api {

namespace {

using Config = protocol::AlterConfigsRequest::AlterConfigsResource::AlterableConfig;

metadata::ConfigChange::Entry entry_of(const Config& config) {
    return {.key = std::string(config.name), .value = std::optional<std::string>(config.value)};
}

}  // namespace

Answer<protocol::AlterConfigsResponse> alter_configs(RequestContext& context,
                                                     const protocol::AlterConfigsRequest& request) {
    co_return co_await change_resources<protocol::AlterConfigsResponse>(
        context, request, /*replaces_all=*/true, &entry_of);
}

}  // namespace broker::api
