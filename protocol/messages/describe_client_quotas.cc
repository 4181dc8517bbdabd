#include "protocol/messages/describe_client_quotas.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeClientQuotasRequest);
KAFKA_CODEC(DescribeClientQuotasResponse);
