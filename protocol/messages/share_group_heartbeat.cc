#include "protocol/messages/share_group_heartbeat.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ShareGroupHeartbeatRequest);
KAFKA_CODEC(ShareGroupHeartbeatResponse);
