// CreateDelegationToken (API key 38): KIP-48; flexible v2, KIP-373 tokens for another owner v3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct CreateDelegationTokenRequest {
    static constexpr int16_t api_key = 38;
    static constexpr Versions valid = between(1, 3), flexible = since(2);

    struct CreatableRenewers {
        std::string_view principal_type;
        std::string_view principal_name;

        static void fields(auto& f, auto& m) {
            f("PrincipalType", m.principal_type);
            f("PrincipalName", m.principal_name);
        }
    };

    std::optional<std::string_view> owner_principal_type = std::string_view{};
    std::optional<std::string_view> owner_principal_name = std::string_view{};
    std::vector<CreatableRenewers> renewers;
    int64_t max_lifetime_ms = 0;

    static void fields(auto& f, auto& m) {
        f("OwnerPrincipalType", m.owner_principal_type, since(3));
        f("OwnerPrincipalName", m.owner_principal_name, since(3));
        f("Renewers", m.renewers);
        f("MaxLifetimeMs", m.max_lifetime_ms);
    }
};

struct CreateDelegationTokenResponse {
    static constexpr int16_t api_key = 38;
    static constexpr Versions valid = between(1, 3), flexible = since(2);

    ErrorCode error_code = ErrorCode::none;
    std::string principal_type;
    std::string principal_name;
    std::string token_requester_principal_type;
    std::string token_requester_principal_name;
    int64_t issue_timestamp_ms = 0;
    int64_t expiry_timestamp_ms = 0;
    int64_t max_timestamp_ms = 0;
    std::string token_id;
    Blob hmac;
    int32_t throttle_time_ms = 0;

    static void fields(auto& f, auto& m) {
        f("ErrorCode", m.error_code);
        f("PrincipalType", m.principal_type);
        f("PrincipalName", m.principal_name);
        f("TokenRequesterPrincipalType", m.token_requester_principal_type, since(3));
        f("TokenRequesterPrincipalName", m.token_requester_principal_name, since(3));
        f("IssueTimestampMs", m.issue_timestamp_ms);
        f("ExpiryTimestampMs", m.expiry_timestamp_ms);
        f("MaxTimestampMs", m.max_timestamp_ms);
        f("TokenId", m.token_id);
        f("Hmac", m.hmac);
        f("ThrottleTimeMs", m.throttle_time_ms);
    }
};

}  // namespace protocol
