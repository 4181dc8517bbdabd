#include "protocol/messages/broker_registration.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(BrokerRegistrationRequest);
KAFKA_CODEC(BrokerRegistrationResponse);
