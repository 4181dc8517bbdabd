// AlterUserScramCredentials (API key 51): KIP-554.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AlterUserScramCredentialsRequest {
    static constexpr int16_t api_key = 51;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct ScramCredentialDeletion {
        std::string_view name;
        int8_t mechanism = 0;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Mechanism", m.mechanism);
        }
    };

    struct ScramCredentialUpsertion {
        std::string_view name;
        int8_t mechanism = 0;
        int32_t iterations = 0;
        Bytes salt;
        Bytes salted_password;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Mechanism", m.mechanism);
            f("Iterations", m.iterations);
            f("Salt", m.salt);
            f("SaltedPassword", m.salted_password);
        }
    };

    std::vector<ScramCredentialDeletion> deletions;
    std::vector<ScramCredentialUpsertion> upsertions;

    static void fields(auto& f, auto& m) {
        f("Deletions", m.deletions);
        f("Upsertions", m.upsertions);
    }
};

struct AlterUserScramCredentialsResponse {
    static constexpr int16_t api_key = 51;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct AlterUserScramCredentialsResult {
        std::string user;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = std::string{};

        static void fields(auto& f, auto& m) {
            f("User", m.user);
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<AlterUserScramCredentialsResult> results;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Results", m.results);
    }
};

}  // namespace protocol
