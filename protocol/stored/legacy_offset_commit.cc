#include "protocol/stored/legacy_offset_commit.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(LegacyOffsetCommitKey);
KAFKA_CODEC(LegacyOffsetCommitValue);
