#include "protocol/messages/describe_log_dirs.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeLogDirsRequest);
KAFKA_CODEC(DescribeLogDirsResponse);
