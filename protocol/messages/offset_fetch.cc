#include "protocol/messages/offset_fetch.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(OffsetFetchRequest);
KAFKA_CODEC(OffsetFetchResponse);
