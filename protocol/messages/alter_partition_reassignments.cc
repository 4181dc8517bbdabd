#include "protocol/messages/alter_partition_reassignments.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AlterPartitionReassignmentsRequest);
KAFKA_CODEC(AlterPartitionReassignmentsResponse);
