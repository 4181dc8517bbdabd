// ApiVersions (API key 18): KIP-511 client software v3, KIP-584 features as tags v3, KIP-1242
// target node v5.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ApiVersionsRequest {
    static constexpr int16_t api_key = 18;
    static constexpr Versions valid = between(0, 5), flexible = since(3);

    std::string_view client_software_name;
    std::string_view client_software_version;
    std::optional<std::string_view> cluster_id;
    int32_t node_id = -1;

    static void fields(auto& f, auto& m) {
        f("ClientSoftwareName", m.client_software_name, since(3));
        f("ClientSoftwareVersion", m.client_software_version, since(3));
        f("ClusterId", m.cluster_id, since(5));
        f("NodeId", m.node_id, since(5));
    }
};

struct ApiVersionsResponse {
    static constexpr int16_t api_key = 18;
    static constexpr Versions valid = between(0, 5), flexible = since(3);

    struct ApiVersion {
        int16_t api_key = 0;
        int16_t min_version = 0;
        int16_t max_version = 0;

        static void fields(auto& f, auto& m) {
            f("ApiKey", m.api_key);
            f("MinVersion", m.min_version);
            f("MaxVersion", m.max_version);
        }
    };

    struct SupportedFeatureKey {
        std::string name;
        int16_t min_version = 0;
        int16_t max_version = 0;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("MinVersion", m.min_version);
            f("MaxVersion", m.max_version);
        }
    };

    struct FinalizedFeatureKey {
        std::string name;
        int16_t max_version_level = 0;
        int16_t min_version_level = 0;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("MaxVersionLevel", m.max_version_level);
            f("MinVersionLevel", m.min_version_level);
        }
    };

    ErrorCode error_code = ErrorCode::none;
    std::vector<ApiVersion> api_keys;
    int32_t throttle_time_ms = 0;
    std::vector<SupportedFeatureKey> supported_features;
    int64_t finalized_features_epoch = -1;
    std::vector<FinalizedFeatureKey> finalized_features;
    bool zk_migration_ready = false;

    static void fields(auto& f, auto& m) {
        f("ErrorCode", m.error_code);
        f("ApiKeys", m.api_keys);
        f("ThrottleTimeMs", m.throttle_time_ms, since(1));
        f.tagged(0, "SupportedFeatures", m.supported_features, since(3));
        f.tagged(1, "FinalizedFeaturesEpoch", m.finalized_features_epoch, since(3), -1);
        f.tagged(2, "FinalizedFeatures", m.finalized_features, since(3));
        f.tagged(3, "ZkMigrationReady", m.zk_migration_ready, since(3));
    }
};

}  // namespace protocol
