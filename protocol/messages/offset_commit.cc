#include "protocol/messages/offset_commit.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(OffsetCommitRequest);
KAFKA_CODEC(OffsetCommitResponse);
