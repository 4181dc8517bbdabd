#include "protocol/messages/alter_share_group_offsets.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AlterShareGroupOffsetsRequest);
KAFKA_CODEC(AlterShareGroupOffsetsResponse);
