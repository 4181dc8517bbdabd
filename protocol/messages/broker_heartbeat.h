// BrokerHeartbeat (API key 63): KIP-631; KIP-858 offline log directories v1, KIP-1066 cordoned ones
// v2.
#pragma once

#include <optional>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct BrokerHeartbeatRequest {
    static constexpr int16_t api_key = 63;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    int32_t broker_id = 0;
    int64_t broker_epoch = -1;
    int64_t current_metadata_offset = 0;
    bool want_fence = false;
    bool want_shut_down = false;
    std::vector<Uuid> offline_log_dirs;
    std::optional<std::vector<Uuid>> cordoned_log_dirs;

    static void fields(auto& f, auto& m) {
        f("BrokerId", m.broker_id);
        f("BrokerEpoch", m.broker_epoch);
        f("CurrentMetadataOffset", m.current_metadata_offset);
        f("WantFence", m.want_fence);
        f("WantShutDown", m.want_shut_down);
        f.tagged(0, "OfflineLogDirs", m.offline_log_dirs, since(1));
        f.tagged(1, "CordonedLogDirs", m.cordoned_log_dirs, since(2));
    }
};

struct BrokerHeartbeatResponse {
    static constexpr int16_t api_key = 63;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    bool is_caught_up = false;
    bool is_fenced = true;
    bool should_shut_down = false;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("IsCaughtUp", m.is_caught_up);
        f("IsFenced", m.is_fenced);
        f("ShouldShutDown", m.should_shut_down);
    }
};

}  // namespace protocol
