// RemoveRaftVoter (API key 81): KIP-853.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct RemoveRaftVoterRequest {
    static constexpr int16_t api_key = 81;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::optional<std::string_view> cluster_id = std::string_view{};
    int32_t voter_id = 0;
    Uuid voter_directory_id;

    static void fields(auto& f, auto& m) {
        f("ClusterId", m.cluster_id);
        f("VoterId", m.voter_id);
        f("VoterDirectoryId", m.voter_directory_id);
    }
};

struct RemoveRaftVoterResponse {
    static constexpr int16_t api_key = 81;
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
