#include "protocol/messages/write_share_group_state.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(WriteShareGroupStateRequest);
KAFKA_CODEC(WriteShareGroupStateResponse);
