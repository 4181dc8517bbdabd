#include "broker/api/change_each.h"
#include "broker/api/error_message.h"
#include "broker/metadata/quota_changes.h"

namespace broker::api {

namespace {

using protocol::AlterClientQuotasRequest;
using protocol::AlterClientQuotasResponse;

std::vector<metadata::QuotaAlteration> alterations_of(const AlterClientQuotasRequest& request) {
    std::vector<metadata::QuotaAlteration> alterations;
    for (const auto& entry : request.entries) {
        auto& alteration = alterations.emplace_back();
        std::vector<quota::EntityData> parts;
        for (const auto& [type, name] : entry.entity) {
            auto& part = parts.emplace_back(std::string(type), std::nullopt);
            if (name) part.entity_name = std::string(*name);
        }
        alteration.entity = metadata::sorted_entity(std::move(parts));
        for (const auto& op : entry.ops)
            alteration.ops.push_back(
                {std::string(op.key), op.remove ? std::nullopt : std::optional(op.value)});
    }
    return alterations;
}

}  // namespace

Answer<AlterClientQuotasResponse> alter_client_quotas(RequestContext& context,
                                                      const AlterClientQuotasRequest& request) {
    const auto alterations = alterations_of(request);
    std::function decide = [&](const metadata::ClusterImage& image) {
        return metadata::alter_client_quotas(image, alterations);
    };
    auto results = co_await change_each(context, std::move(decide), request.validate_only);
    AlterClientQuotasResponse response;
    for (auto& result : results) {
        auto& entry = response.entries.emplace_back();
        entry.error_code = result.error.code;
        entry.error_message = message_of(result.error);
        for (auto& [type, name] : result.entity)
            entry.entity.push_back({std::move(type), std::move(name)});
    }
    co_return response;
}

}  // namespace broker::api
