#include "protocol/messages/add_offsets_to_txn.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AddOffsetsToTxnRequest);
KAFKA_CODEC(AddOffsetsToTxnResponse);
