#include "protocol/stored/aborted_transaction.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AbortedTxn);
