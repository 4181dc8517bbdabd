// CreateAcls (API key 30): KIP-140; KIP-290 pattern types v1, flexible v2, KIP-373 users as
// resources v3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct CreateAclsRequest {
    static constexpr int16_t api_key = 30;
    static constexpr Versions valid = between(1, 3), flexible = since(2);

    struct AclCreation {
        int8_t resource_type = 0;
        std::string_view resource_name;
        int8_t resource_pattern_type = 3;
        std::string_view principal;
        std::string_view host;
        int8_t operation = 0;
        int8_t permission_type = 0;

        static void fields(auto& f, auto& m) {
            f("ResourceType", m.resource_type);
            f("ResourceName", m.resource_name);
            f("ResourcePatternType", m.resource_pattern_type);
            f("Principal", m.principal);
            f("Host", m.host);
            f("Operation", m.operation);
            f("PermissionType", m.permission_type);
        }
    };

    std::vector<AclCreation> creations;

    static void fields(auto& f, auto& m) { f("Creations", m.creations); }
};

struct CreateAclsResponse {
    static constexpr int16_t api_key = 30;
    static constexpr Versions valid = between(1, 3), flexible = since(2);

    struct AclCreationResult {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = std::string{};

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<AclCreationResult> results;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Results", m.results);
    }
};

}  // namespace protocol
