#include "protocol/messages/delete_share_group_state.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DeleteShareGroupStateRequest);
KAFKA_CODEC(DeleteShareGroupStateResponse);
