#include "protocol/messages/read_share_group_state.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ReadShareGroupStateRequest);
KAFKA_CODEC(ReadShareGroupStateResponse);
