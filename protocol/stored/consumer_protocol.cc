#include "protocol/stored/consumer_protocol.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ConsumerProtocolSubscription);
KAFKA_CODEC(ConsumerProtocolAssignment);
