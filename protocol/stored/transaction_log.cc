#include "protocol/stored/transaction_log.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(TransactionLogKey);
KAFKA_CODEC(TransactionLogValue);
