#include "protocol/messages/txn_offset_commit.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(TxnOffsetCommitRequest);
KAFKA_CODEC(TxnOffsetCommitResponse);
