#include "protocol/messages/unregister_broker.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(UnregisterBrokerRequest);
KAFKA_CODEC(UnregisterBrokerResponse);
