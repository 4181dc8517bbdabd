// A member of a classic group, and what it waits for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types.h"

namespace broker::coordinator::group {

// Names a request that waits for its answer; chosen by the shell, unique among the waiting ones.
using Token = uint64_t;

// One way to divide the partitions that a member knows, and what it says under that name.
struct MemberProtocol {
    std::string name;
    protocol::Blob metadata;
    bool operator==(const MemberProtocol&) const = default;
};

struct Member {
    std::string member_id;
    std::optional<std::string> instance_id;  // static member, KIP-345
    std::string client_id;
    std::string client_host;
    int32_t session_timeout_ms = 0;
    int32_t rebalance_timeout_ms = 0;
    std::vector<MemberProtocol> protocols;  // in the order of its preference, names once
    protocol::Blob assignment;
    bool is_new = false;              // has not been through a rebalance yet
    std::optional<Token> join_token;  // its JoinGroup waits
    std::optional<Token> sync_token;  // its SyncGroup waits

    // The metadata under that name; empty if the member does not know it.
    protocol::Bytes metadata(std::string_view protocol_name) const {
        for (const MemberProtocol& known : protocols) {
            if (known.name == protocol_name) return known.metadata;
        }
        return {};
    }
};

}  // namespace broker::coordinator::group
