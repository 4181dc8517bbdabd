// DescribeUserScramCredentials (API key 50): KIP-554.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeUserScramCredentialsRequest {
    static constexpr int16_t api_key = 50;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct UserName {
        std::string_view name;

        static void fields(auto& f, auto& m) { f("Name", m.name); }
    };

    std::optional<std::vector<UserName>> users = std::vector<UserName>{};

    static void fields(auto& f, auto& m) { f("Users", m.users); }
};

struct DescribeUserScramCredentialsResponse {
    static constexpr int16_t api_key = 50;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct DescribeUserScramCredentialsResult {
        struct CredentialInfo {
            int8_t mechanism = 0;
            int32_t iterations = 0;

            static void fields(auto& f, auto& m) {
                f("Mechanism", m.mechanism);
                f("Iterations", m.iterations);
            }
        };

        std::string user;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = std::string{};
        std::vector<CredentialInfo> credential_infos;

        static void fields(auto& f, auto& m) {
            f("User", m.user);
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
            f("CredentialInfos", m.credential_infos);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = std::string{};
    std::vector<DescribeUserScramCredentialsResult> results;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("Results", m.results);
    }
};

}  // namespace protocol
