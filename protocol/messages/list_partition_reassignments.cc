#include "protocol/messages/list_partition_reassignments.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ListPartitionReassignmentsRequest);
KAFKA_CODEC(ListPartitionReassignmentsResponse);
