#include "protocol/messages/streams_group_topology_description_update.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(StreamsGroupTopologyDescriptionUpdateRequest);
KAFKA_CODEC(StreamsGroupTopologyDescriptionUpdateResponse);
