#include "protocol/messages/offset_for_leader_epoch.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(OffsetForLeaderEpochRequest);
KAFKA_CODEC(OffsetForLeaderEpochResponse);
