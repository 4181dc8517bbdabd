#include "protocol/messages/delete_topics.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DeleteTopicsRequest);
KAFKA_CODEC(DeleteTopicsResponse);
