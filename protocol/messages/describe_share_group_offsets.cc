#include "protocol/messages/describe_share_group_offsets.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeShareGroupOffsetsRequest);
KAFKA_CODEC(DescribeShareGroupOffsetsResponse);
