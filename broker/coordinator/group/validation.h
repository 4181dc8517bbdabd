// What Heartbeat, SyncGroup, LeaveGroup and the commits check of the member that sends them.
#pragma once

#include <optional>
#include <string_view>

#include "broker/coordinator/group/classic_group.h"
#include "protocol/error.h"

namespace broker::coordinator::group {

// none, unknown_member_id, or fenced_instance_id when another member took the instance id over.
protocol::ErrorCode validate_member(const ClassicGroup& group, std::string_view member_id,
                                    std::optional<std::string_view> instance_id);

// What Kafka answers when the log did not take a record.
protocol::ErrorCode error_of_failed_append(protocol::ErrorCode error);

}  // namespace broker::coordinator::group
