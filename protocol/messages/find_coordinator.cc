#include "protocol/messages/find_coordinator.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(FindCoordinatorRequest);
KAFKA_CODEC(FindCoordinatorResponse);
