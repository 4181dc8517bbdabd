// BrokerRegistration (API key 62): KIP-631; KIP-866 v1, KIP-858 log directories v2, KIP-966
// previous epoch v3, features from level 0 (KAFKA-17011) v4.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct BrokerRegistrationRequest {
    static constexpr int16_t api_key = 62;
    static constexpr Versions valid = between(0, 4), flexible = since(0);

    struct Listener {
        std::string_view name;
        std::string_view host;
        uint16_t port = 0;
        int16_t security_protocol = 0;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Host", m.host);
            f("Port", m.port);
            f("SecurityProtocol", m.security_protocol);
        }
    };

    struct Feature {
        std::string_view name;
        int16_t min_supported_version = 0;
        int16_t max_supported_version = 0;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("MinSupportedVersion", m.min_supported_version);
            f("MaxSupportedVersion", m.max_supported_version);
        }
    };

    int32_t broker_id = 0;
    std::string_view cluster_id;
    Uuid incarnation_id;
    std::vector<Listener> listeners;
    std::vector<Feature> features;
    std::optional<std::string_view> rack = std::string_view{};
    bool is_migrating_zk_broker = false;
    std::vector<Uuid> log_dirs;
    int64_t previous_broker_epoch = -1;

    static void fields(auto& f, auto& m) {
        f("BrokerId", m.broker_id);
        f("ClusterId", m.cluster_id);
        f("IncarnationId", m.incarnation_id);
        f("Listeners", m.listeners);
        f("Features", m.features);
        f("Rack", m.rack);
        f("IsMigratingZkBroker", m.is_migrating_zk_broker, since(1));
        f("LogDirs", m.log_dirs, since(2));
        f("PreviousBrokerEpoch", m.previous_broker_epoch, since(3));
    }
};

struct BrokerRegistrationResponse {
    static constexpr int16_t api_key = 62;
    static constexpr Versions valid = between(0, 4), flexible = since(0);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    int64_t broker_epoch = -1;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("BrokerEpoch", m.broker_epoch);
    }
};

}  // namespace protocol
