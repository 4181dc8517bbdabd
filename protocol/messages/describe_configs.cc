#include "protocol/messages/describe_configs.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeConfigsRequest);
KAFKA_CODEC(DescribeConfigsResponse);
