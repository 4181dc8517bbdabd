#include "protocol/messages/init_producer_id.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(InitProducerIdRequest);
KAFKA_CODEC(InitProducerIdResponse);
