// DescribeDelegationToken (API key 41): KIP-48; flexible v2, KIP-373 who asked for the token v3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeDelegationTokenRequest {
    static constexpr int16_t api_key = 41;
    static constexpr Versions valid = between(1, 3), flexible = since(2);

    struct DescribeDelegationTokenOwner {
        std::string_view principal_type;
        std::string_view principal_name;

        static void fields(auto& f, auto& m) {
            f("PrincipalType", m.principal_type);
            f("PrincipalName", m.principal_name);
        }
    };

    std::optional<std::vector<DescribeDelegationTokenOwner>> owners =
        std::vector<DescribeDelegationTokenOwner>{};

    static void fields(auto& f, auto& m) { f("Owners", m.owners); }
};

struct DescribeDelegationTokenResponse {
    static constexpr int16_t api_key = 41;
    static constexpr Versions valid = between(1, 3), flexible = since(2);

    struct DescribedDelegationToken {
        struct DescribedDelegationTokenRenewer {
            std::string principal_type;
            std::string principal_name;

            static void fields(auto& f, auto& m) {
                f("PrincipalType", m.principal_type);
                f("PrincipalName", m.principal_name);
            }
        };

        std::string principal_type;
        std::string principal_name;
        std::string token_requester_principal_type;
        std::string token_requester_principal_name;
        int64_t issue_timestamp = 0;
        int64_t expiry_timestamp = 0;
        int64_t max_timestamp = 0;
        std::string token_id;
        Blob hmac;
        std::vector<DescribedDelegationTokenRenewer> renewers;

        static void fields(auto& f, auto& m) {
            f("PrincipalType", m.principal_type);
            f("PrincipalName", m.principal_name);
            f("TokenRequesterPrincipalType", m.token_requester_principal_type, since(3));
            f("TokenRequesterPrincipalName", m.token_requester_principal_name, since(3));
            f("IssueTimestamp", m.issue_timestamp);
            f("ExpiryTimestamp", m.expiry_timestamp);
            f("MaxTimestamp", m.max_timestamp);
            f("TokenId", m.token_id);
            f("Hmac", m.hmac);
            f("Renewers", m.renewers);
        }
    };

    ErrorCode error_code = ErrorCode::none;
    std::vector<DescribedDelegationToken> tokens;
    int32_t throttle_time_ms = 0;

    static void fields(auto& f, auto& m) {
        f("ErrorCode", m.error_code);
        f("Tokens", m.tokens);
        f("ThrottleTimeMs", m.throttle_time_ms);
    }
};

}  // namespace protocol
