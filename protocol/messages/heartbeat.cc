#include "protocol/messages/heartbeat.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(HeartbeatRequest);
KAFKA_CODEC(HeartbeatResponse);
