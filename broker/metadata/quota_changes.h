// What the controller decides about client quotas (KIP-546), as a pure function of the image.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/metadata/api_error.h"
#include "broker/metadata/cluster_image.h"

namespace broker::metadata {

struct QuotaOp {
    std::string key;
    std::optional<double> value;  // nullopt: it goes
};

struct QuotaAlteration {
    QuotaEntity entity;
    std::vector<QuotaOp> ops;
};

struct QuotaChanges {
    struct Result {
        QuotaEntity entity;
        ApiError error;  // none: all of its ops are done
    };

    std::vector<MetadataRecord> records;  // of what is not so already
    std::vector<Result> results;          // one for each entity, in the order of their first naming
};

// Parts of an entity in their order; of several of a type the last one stays, as in Kafka.
QuotaEntity sorted_entity(std::vector<quota::EntityData> parts);

// Errors of an entity: invalid_request, and policy_violation when there are too many quotas. An
// entity that is named again has the former, although its first alteration is made, as in Kafka.
QuotaChanges alter_client_quotas(const ClusterImage& image,
                                 const std::vector<QuotaAlteration>& alterations);

}  // namespace broker::metadata
