#include "protocol/messages/allocate_producer_ids.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AllocateProducerIdsRequest);
KAFKA_CODEC(AllocateProducerIdsResponse);
