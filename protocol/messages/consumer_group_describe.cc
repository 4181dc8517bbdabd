#include "protocol/messages/consumer_group_describe.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ConsumerGroupDescribeRequest);
KAFKA_CODEC(ConsumerGroupDescribeResponse);
