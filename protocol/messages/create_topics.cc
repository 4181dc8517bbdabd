#include "protocol/messages/create_topics.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(CreateTopicsRequest);
KAFKA_CODEC(CreateTopicsResponse);
