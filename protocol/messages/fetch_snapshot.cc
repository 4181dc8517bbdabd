#include "protocol/messages/fetch_snapshot.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(FetchSnapshotRequest);
KAFKA_CODEC(FetchSnapshotResponse);
