#include "protocol/messages/sync_group.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(SyncGroupRequest);
KAFKA_CODEC(SyncGroupResponse);
