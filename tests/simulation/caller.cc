#include "tests/simulation/caller.h"

namespace simulation {

bool is_retriable(ErrorCode error) {
    switch (error) {
        case ErrorCode::concurrent_transactions:
        case ErrorCode::coordinator_load_in_progress:
        case ErrorCode::coordinator_not_available:
        case ErrorCode::kafka_storage_error:
        case ErrorCode::leader_not_available:
        case ErrorCode::not_coordinator:
        case ErrorCode::not_enough_replicas:
        case ErrorCode::unknown_topic_or_partition:
        case ErrorCode::unstable_offset_commit: return true;
        default: return false;
    }
}

}  // namespace simulation
