#include "protocol/messages/headers.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(RequestHeader);
KAFKA_CODEC(ResponseHeader);
