// UpdateRaftVoter (API key 82): KIP-853.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct UpdateRaftVoterRequest {
    static constexpr int16_t api_key = 82;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

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

    struct KRaftVersionFeature {
        int16_t min_supported_version = 0;
        int16_t max_supported_version = 0;

        static void fields(auto& f, auto& m) {
            f("MinSupportedVersion", m.min_supported_version);
            f("MaxSupportedVersion", m.max_supported_version);
        }
    };

    std::optional<std::string_view> cluster_id = std::string_view{};
    int32_t current_leader_epoch = 0;
    int32_t voter_id = 0;
    Uuid voter_directory_id;
    std::vector<Listener> listeners;
    KRaftVersionFeature kraft_version_feature;

    static void fields(auto& f, auto& m) {
        f("ClusterId", m.cluster_id);
        f("CurrentLeaderEpoch", m.current_leader_epoch);
        f("VoterId", m.voter_id);
        f("VoterDirectoryId", m.voter_directory_id);
        f("Listeners", m.listeners);
        f("KRaftVersionFeature", m.kraft_version_feature);
    }
};

struct UpdateRaftVoterResponse {
    static constexpr int16_t api_key = 82;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct CurrentLeader {
        int32_t leader_id = -1;
        int32_t leader_epoch = -1;
        std::string host;
        int32_t port = 0;
        bool operator==(const CurrentLeader&) const = default;

        static void fields(auto& f, auto& m) {
            f("LeaderId", m.leader_id);
            f("LeaderEpoch", m.leader_epoch);
            f("Host", m.host);
            f("Port", m.port);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    CurrentLeader current_leader;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f.tagged(0, "CurrentLeader", m.current_leader, always);
    }
};

}  // namespace protocol
