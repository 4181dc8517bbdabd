#include "protocol/messages/create_partitions.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(CreatePartitionsRequest);
KAFKA_CODEC(CreatePartitionsResponse);
