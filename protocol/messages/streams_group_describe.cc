#include "protocol/messages/streams_group_describe.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(StreamsGroupDescribeRequest);
KAFKA_CODEC(StreamsGroupDescribeResponse);
