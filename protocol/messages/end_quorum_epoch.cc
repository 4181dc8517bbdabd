#include "protocol/messages/end_quorum_epoch.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(EndQuorumEpochRequest);
KAFKA_CODEC(EndQuorumEpochResponse);
