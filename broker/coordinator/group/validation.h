// What Heartbeat, SyncGroup, LeaveGroup and the commits check of the member that sends them.
#pragma once

#include <optional>
#include <string_view>

#include "broker/coordinator/group/classic_group.h"
#include "protocol/error.h"
#include "protocol/messages/join_group.h"

namespace broker::coordinator::group {

// none, unknown_member_id, or fenced_instance_id when another member took the instance id over.
protocol::ErrorCode validate_member(const ClassicGroup& group, std::string_view member_id,
                                    std::optional<std::string_view> instance_id);

// From this version on a dynamic member is given its id before it joins (KIP-394).
inline constexpr int16_t first_join_with_member_id_first = 4;
// Version 0 has no rebalance timeout of its own.
inline int32_t rebalance_timeout_of(const protocol::JoinGroupRequest& request, int16_t version) {
    return version >= 1 ? request.rebalance_timeout_ms : request.session_timeout_ms;
}

// As Java's trim() makes texts empty.
bool is_blank(std::string_view text);
inline bool is_blank(const std::optional<std::string_view>& text) {
    return text && is_blank(*text);
}

// What Kafka answers when the log did not take a record.
protocol::ErrorCode error_of_failed_append(protocol::ErrorCode error);

}  // namespace broker::coordinator::group
