// FindCoordinator (API key 10): KIP-98 key types v1, flexible v3, KIP-699 many keys v4, KIP-890
// v5, KIP-932 v6.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct FindCoordinatorRequest {
    static constexpr int16_t api_key = 10;
    static constexpr Versions valid = between(0, 6), flexible = since(3);

    std::string_view key;
    int8_t key_type = 0;
    std::vector<std::string_view> coordinator_keys;

    static void fields(auto& f, auto& m) {
        f("Key", m.key, until(3));
        f("KeyType", m.key_type, since(1));
        f("CoordinatorKeys", m.coordinator_keys, since(4));
    }
};

struct FindCoordinatorResponse {
    static constexpr int16_t api_key = 10;
    static constexpr Versions valid = between(0, 6), flexible = since(3);

    struct Coordinator {
        std::string key;
        int32_t node_id = 0;
        std::string host;
        int32_t port = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = std::string{};

        static void fields(auto& f, auto& m) {
            f("Key", m.key);
            f("NodeId", m.node_id);
            f("Host", m.host);
            f("Port", m.port);
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = std::string{};
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::vector<Coordinator> coordinators;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms, since(1));
        f("ErrorCode", m.error_code, until(3));
        f("ErrorMessage", m.error_message, between(1, 3));
        f("NodeId", m.node_id, until(3));
        f("Host", m.host, until(3));
        f("Port", m.port, until(3));
        f("Coordinators", m.coordinators, since(4));
    }
};

}  // namespace protocol
