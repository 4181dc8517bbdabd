#include "protocol/messages/controller_registration.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ControllerRegistrationRequest);
KAFKA_CODEC(ControllerRegistrationResponse);
