#include "protocol/messages/describe_cluster.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeClusterRequest);
KAFKA_CODEC(DescribeClusterResponse);
