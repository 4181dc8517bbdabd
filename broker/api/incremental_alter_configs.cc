#include "broker/api/change_resources.h"

namespace broker::api {

namespace {

using Config = protocol::IncrementalAlterConfigsRequest::AlterConfigsResource::AlterableConfig;

metadata::ConfigChange::Entry entry_of(const Config& config) {
    return {.key = std::string(config.name),
            .value = std::optional<std::string>(config.value),
            .operation = static_cast<metadata::ConfigOperation>(config.config_operation)};
}

}  // namespace

Answer<protocol::IncrementalAlterConfigsResponse> incremental_alter_configs(
    RequestContext& context, const protocol::IncrementalAlterConfigsRequest& request) {
    co_return co_await change_resources<protocol::IncrementalAlterConfigsResponse>(
        context, request, /*replaces_all=*/false, &entry_of);
}

}  // namespace broker::api
