#include "protocol/messages/describe_topic_partitions.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeTopicPartitionsRequest);
KAFKA_CODEC(DescribeTopicPartitionsResponse);
