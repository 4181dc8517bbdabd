#include "protocol/messages/describe_quorum.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeQuorumRequest);
KAFKA_CODEC(DescribeQuorumResponse);
