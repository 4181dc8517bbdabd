#include "protocol/messages/list_transactions.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ListTransactionsRequest);
KAFKA_CODEC(ListTransactionsResponse);
