#include "protocol/stored/topic_records.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(TopicRecord);
KAFKA_CODEC(PartitionRecord);
KAFKA_CODEC(PartitionChangeRecord);
KAFKA_CODEC(RemoveTopicRecord);
KAFKA_CODEC(ClearElrRecord);
