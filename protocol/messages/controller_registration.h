// ControllerRegistration (API key 70): KIP-919.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ControllerRegistrationRequest {
    static constexpr int16_t api_key = 70;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

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

    int32_t controller_id = 0;
    Uuid incarnation_id;
    bool zk_migration_ready = false;
    std::vector<Listener> listeners;
    std::vector<Feature> features;

    static void fields(auto& f, auto& m) {
        f("ControllerId", m.controller_id);
        f("IncarnationId", m.incarnation_id);
        f("ZkMigrationReady", m.zk_migration_ready);
        f("Listeners", m.listeners);
        f("Features", m.features);
    }
};

struct ControllerRegistrationResponse {
    static constexpr int16_t api_key = 70;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = std::string{};

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
    }
};

}  // namespace protocol
