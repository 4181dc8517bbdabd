#include "protocol/messages/sasl_authenticate.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(SaslAuthenticateRequest);
KAFKA_CODEC(SaslAuthenticateResponse);
