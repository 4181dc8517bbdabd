#include "protocol/messages/end_txn.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(EndTxnRequest);
KAFKA_CODEC(EndTxnResponse);
