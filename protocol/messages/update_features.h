// UpdateFeatures (API key 57): KIP-584; KIP-778 upgrade types v1, one answer for all v2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct UpdateFeaturesRequest {
    static constexpr int16_t api_key = 57;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    struct FeatureUpdateKey {
        std::string_view feature;
        int16_t max_version_level = 0;
        bool allow_downgrade = false;
        int8_t upgrade_type = 1;

        static void fields(auto& f, auto& m) {
            f("Feature", m.feature);
            f("MaxVersionLevel", m.max_version_level);
            f("AllowDowngrade", m.allow_downgrade, until(0));
            f("UpgradeType", m.upgrade_type, since(1));
        }
    };

    int32_t timeout_ms = 60000;
    std::vector<FeatureUpdateKey> feature_updates;
    bool validate_only = false;

    static void fields(auto& f, auto& m) {
        f("timeoutMs", m.timeout_ms);
        f("FeatureUpdates", m.feature_updates);
        f("ValidateOnly", m.validate_only, since(1));
    }
};

struct UpdateFeaturesResponse {
    static constexpr int16_t api_key = 57;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    struct UpdatableFeatureResult {
        std::string feature;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = std::string{};

        static void fields(auto& f, auto& m) {
            f("Feature", m.feature);
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = std::string{};
    std::vector<UpdatableFeatureResult> results;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("Results", m.results, until(1));
    }
};

}  // namespace protocol
