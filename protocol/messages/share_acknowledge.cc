#include "protocol/messages/share_acknowledge.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ShareAcknowledgeRequest);
KAFKA_CODEC(ShareAcknowledgeResponse);
