#include "protocol/messages/streams_group_heartbeat.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(StreamsGroupHeartbeatRequest);
KAFKA_CODEC(StreamsGroupHeartbeatResponse);
