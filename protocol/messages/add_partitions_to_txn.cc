#include "protocol/messages/add_partitions_to_txn.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AddPartitionsToTxnRequest);
KAFKA_CODEC(AddPartitionsToTxnResponse);
