#include "broker/api/api_versions.h"

#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/api_table.h"
#include "broker/broker.h"
#include "broker/metadata/features.h"

namespace broker::api {

namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::ErrorCode;

constexpr int32_t any_node = -1;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])? of KIP-511.
bool is_software_name(std::string_view text) {
    return !text.empty() && is_letter_or_digit(text.front()) && is_letter_or_digit(text.back()) &&
           std::ranges::all_of(
               text, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

ErrorCode check(const ApiVersionsRequest& request, const RequestContext& context) {
    if (context.version >= 3 && (!is_software_name(request.client_software_name) ||
                                 !is_software_name(request.client_software_version)))
        return ErrorCode::invalid_request;
    if (context.version < 5) return ErrorCode::none;
    // KIP-1242: the client may say whom it takes this for, as a node of a cluster or not at all.
    const bool names_node = request.node_id != any_node;
    if (request.cluster_id.has_value() != names_node) return ErrorCode::invalid_request;
    const Broker& broker = context.broker;
    const bool is_meant = !names_node || (request.cluster_id == broker.cluster_id() &&
                                          request.node_id == broker.config().node_id);
    return is_meant ? ErrorCode::none : ErrorCode::rebootstrap_required;
}

// Old clients cannot read a minimum of 0 (KAFKA-17011).
constexpr int16_t first_version_with_minimum_0 = 4;

void add_features(const metadata::ClusterImage& image, int16_t version,
                  ApiVersionsResponse& response) {
    for (const metadata::Feature& feature : metadata::features) {
        if (feature.served == 0) continue;
        if (feature.min == 0 && version < first_version_with_minimum_0) continue;
        response.supported_features.push_back({.name = std::string(feature.name),
                                               .min_version = feature.min,
                                               .max_version = feature.served});
    }
    for (const auto& [name, level] : image.features()) {
        const metadata::Feature* known = metadata::find_feature(name);
        if (!known || known->served == 0) continue;
        const int16_t served = std::min(level, known->served);
        response.finalized_features.push_back(
            {.name = name, .max_version_level = served, .min_version_level = served});
    }
    response.finalized_features_epoch = image.offset();
}

// It is none of the image's: the metadata log has it of itself (KIP-853).
void add_kraft_version(int16_t kraft_version, int16_t version, ApiVersionsResponse& response) {
    const std::string name(metadata::kraft_version_feature);
    if (version >= first_version_with_minimum_0)
        response.supported_features.push_back(
            {.name = name, .max_version = metadata::kraft_version_max});
    if (kraft_version > 0)
        response.finalized_features.push_back(
            {.name = name, .max_version_level = kraft_version, .min_version_level = kraft_version});
}

}  // namespace

ApiVersionsResponse unsupported_api_versions() {
    const auto& versions = protocol::find_api(protocol::Api::api_versions_key)->valid;
    return {.error_code = ErrorCode::unsupported_version,
            .api_keys = {{.api_key = protocol::Api::api_versions_key,
                          .min_version = versions.first,
                          .max_version = versions.last}}};
}

Answer<ApiVersionsResponse> api_versions(RequestContext& context,
                                         const ApiVersionsRequest& request) {
    ApiVersionsResponse response;
    response.error_code = check(request, context);
    if (response.error_code != ErrorCode::none) co_return response;
    if (context.connection && context.version >= 3)
        context.connection->software = {.name = std::string(request.client_software_name),
                                        .version = std::string(request.client_software_version)};
    for (const ServedApi& served : served_apis())
        response.api_keys.push_back({.api_key = served.api->key,
                                     .min_version = served.api->advertised.first,
                                     .max_version = served.api->advertised.last});
    add_features(context.home.image, context.version, response);
    add_kraft_version(context.broker.controller().kraft_version(), context.version, response);
    co_return response;
}

}  // namespace broker::api
