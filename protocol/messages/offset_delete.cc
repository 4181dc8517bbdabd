#include "protocol/messages/offset_delete.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(OffsetDeleteRequest);
KAFKA_CODEC(OffsetDeleteResponse);
