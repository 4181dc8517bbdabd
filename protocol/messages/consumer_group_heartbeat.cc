#include "protocol/messages/consumer_group_heartbeat.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ConsumerGroupHeartbeatRequest);
KAFKA_CODEC(ConsumerGroupHeartbeatResponse);
