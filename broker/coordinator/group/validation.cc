#include "broker/coordinator/group/validation.h"

#include <algorithm>

namespace broker::coordinator::group {

using protocol::ErrorCode;

ErrorCode validate_member(const ClassicGroup& group, std::string_view member_id,
                          std::optional<std::string_view> instance_id) {
    if (instance_id) {
        const std::string* current = group.find_static(*instance_id);
        if (current == nullptr) return ErrorCode::unknown_member_id;
        if (*current != member_id) return ErrorCode::fenced_instance_id;
    }
    return group.find_member(member_id) == nullptr ? ErrorCode::unknown_member_id : ErrorCode::none;
}

ErrorCode error_of_failed_append(ErrorCode error) {
    switch (error) {
        case ErrorCode::unknown_topic_or_partition:
        case ErrorCode::not_enough_replicas:
        case ErrorCode::request_timed_out: return ErrorCode::coordinator_not_available;
        case ErrorCode::not_leader_or_follower:
        case ErrorCode::kafka_storage_error: return ErrorCode::not_coordinator;
        case ErrorCode::network_exception: return ErrorCode::coordinator_load_in_progress;
        case ErrorCode::message_too_large:
        case ErrorCode::record_list_too_large:
        case ErrorCode::invalid_fetch_size: return ErrorCode::unknown_server_error;
        default: return error;
    }
}

bool is_blank(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

}  // namespace broker::coordinator::group
