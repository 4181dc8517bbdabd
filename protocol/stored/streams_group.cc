#include "protocol/stored/streams_group.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(StreamsGroupMetadataKey);
KAFKA_CODEC(StreamsGroupMetadataValue);
KAFKA_CODEC(StreamsGroupMemberMetadataKey);
KAFKA_CODEC(StreamsGroupMemberMetadataValue);
KAFKA_CODEC(StreamsGroupTargetAssignmentMetadataKey);
KAFKA_CODEC(StreamsGroupTargetAssignmentMetadataValue);
KAFKA_CODEC(StreamsGroupTargetAssignmentMemberKey);
KAFKA_CODEC(StreamsGroupTargetAssignmentMemberValue);
KAFKA_CODEC(StreamsGroupCurrentMemberAssignmentKey);
KAFKA_CODEC(StreamsGroupCurrentMemberAssignmentValue);
KAFKA_CODEC(StreamsGroupTopologyKey);
KAFKA_CODEC(StreamsGroupTopologyValue);
