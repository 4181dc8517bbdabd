#include "protocol/messages/fetch.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(FetchRequest);
KAFKA_CODEC(FetchResponse);
