#include "protocol/stored/offset_commit.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(OffsetCommitKey);
KAFKA_CODEC(OffsetCommitValue);
