#include "protocol/messages/describe_producers.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeProducersRequest);
KAFKA_CODEC(DescribeProducersResponse);
