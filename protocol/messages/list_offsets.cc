#include "protocol/messages/list_offsets.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ListOffsetsRequest);
KAFKA_CODEC(ListOffsetsResponse);
