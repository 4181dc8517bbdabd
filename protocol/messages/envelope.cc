#include "protocol/messages/envelope.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(EnvelopeRequest);
KAFKA_CODEC(EnvelopeResponse);
KAFKA_CODEC(DefaultPrincipalData);
