#include "protocol/messages/join_group.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(JoinGroupRequest);
KAFKA_CODEC(JoinGroupResponse);
