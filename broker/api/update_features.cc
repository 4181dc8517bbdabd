#include "broker/api/error_message.h"
#include "broker/api/handlers.h"
#include "broker/broker.h"
#include "broker/metadata/feature_changes.h"

namespace broker::api {

using protocol::UpdateFeaturesRequest;
using protocol::UpdateFeaturesResponse;

Answer<UpdateFeaturesResponse> update_features(RequestContext& context,
                                               const UpdateFeaturesRequest& request) {
    auto& controller = context.broker.controller();
    const metadata::Quorum quorum = co_await controller.describe_quorum();
    std::vector<metadata::FeatureUpdate> updates;
    // As in Kafka, allowDowngrade of v0 is not heard: its updates are upgrades.
    for (const auto& update : request.feature_updates)
        updates.push_back({.feature = update.feature,
                           .level = update.max_version_level,
                           .type = static_cast<metadata::UpgradeType>(update.upgrade_type)});
    metadata::Controller::Decision decide = [&](const auto& image, const auto& defaults) {
        auto records = metadata::update_features(
            image, updates, {.node_id = defaults.node_id, .kraft_version = quorum.kraft_version});
        if (records && request.validate_only) records->clear();
        return records;
    };
    const auto updated = co_await controller.change(std::move(decide));
    UpdateFeaturesResponse response{.error_message = std::nullopt};
    if (!updated) {
        response.error_code = updated.error().code;
        response.error_message = message_of(updated.error());
        co_return response;
    }
    for (const auto& update : request.feature_updates)
        response.results.push_back(
            {.feature = std::string(update.feature), .error_message = std::nullopt});
    co_return response;
}

}  // namespace broker::api
