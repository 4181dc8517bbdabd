#include "protocol/messages/initialize_share_group_state.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(InitializeShareGroupStateRequest);
KAFKA_CODEC(InitializeShareGroupStateResponse);
