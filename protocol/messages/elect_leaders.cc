#include "protocol/messages/elect_leaders.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ElectLeadersRequest);
KAFKA_CODEC(ElectLeadersResponse);
