#include "protocol/messages/sasl_handshake.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(SaslHandshakeRequest);
KAFKA_CODEC(SaslHandshakeResponse);
