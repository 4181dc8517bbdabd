#include "protocol/messages/write_txn_markers.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(WriteTxnMarkersRequest);
KAFKA_CODEC(WriteTxnMarkersResponse);
