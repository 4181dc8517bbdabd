#include "protocol/messages/share_group_describe.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ShareGroupDescribeRequest);
KAFKA_CODEC(ShareGroupDescribeResponse);
