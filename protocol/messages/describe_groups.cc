#include "protocol/messages/describe_groups.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeGroupsRequest);
KAFKA_CODEC(DescribeGroupsResponse);
