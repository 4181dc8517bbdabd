#include "protocol/stored/share_state.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ShareSnapshotKey);
KAFKA_CODEC(ShareSnapshotValue);
KAFKA_CODEC(ShareUpdateKey);
KAFKA_CODEC(ShareUpdateValue);
