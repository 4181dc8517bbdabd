#include "protocol/messages/broker_heartbeat.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(BrokerHeartbeatRequest);
KAFKA_CODEC(BrokerHeartbeatResponse);
