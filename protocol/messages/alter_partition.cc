#include "protocol/messages/alter_partition.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AlterPartitionRequest);
KAFKA_CODEC(AlterPartitionResponse);
