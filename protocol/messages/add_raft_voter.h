// AddRaftVoter (API key 80): KIP-853; KIP-1186 answers before the record is committed v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AddRaftVoterRequest {
    static constexpr int16_t api_key = 80;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct Listener {
        std::string_view name;
        std::string_view host;
        uint16_t port = 0;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Host", m.host);
            f("Port", m.port);
        }
    };

    std::optional<std::string_view> cluster_id = std::string_view{};
    int32_t timeout_ms = 0;
    int32_t voter_id = 0;
    Uuid voter_directory_id;
    std::vector<Listener> listeners;
    bool ack_when_committed = true;

    static void fields(auto& f, auto& m) {
        f("ClusterId", m.cluster_id);
        f("TimeoutMs", m.timeout_ms);
        f("VoterId", m.voter_id);
        f("VoterDirectoryId", m.voter_directory_id);
        f("Listeners", m.listeners);
        f("AckWhenCommitted", m.ack_when_committed, since(1));
    }
};

struct AddRaftVoterResponse {
    static constexpr int16_t api_key = 80;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

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
