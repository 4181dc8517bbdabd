#include "protocol/messages/leave_group.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(LeaveGroupRequest);
KAFKA_CODEC(LeaveGroupResponse);
