#include "protocol/messages/describe_acls.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeAclsRequest);
KAFKA_CODEC(DescribeAclsResponse);
