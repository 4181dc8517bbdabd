#include "protocol/messages/begin_quorum_epoch.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(BeginQuorumEpochRequest);
KAFKA_CODEC(BeginQuorumEpochResponse);
