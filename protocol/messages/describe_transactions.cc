#include "protocol/messages/describe_transactions.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeTransactionsRequest);
KAFKA_CODEC(DescribeTransactionsResponse);
