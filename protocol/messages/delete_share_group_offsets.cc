#include "protocol/messages/delete_share_group_offsets.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DeleteShareGroupOffsetsRequest);
KAFKA_CODEC(DeleteShareGroupOffsetsResponse);
