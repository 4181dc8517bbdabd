#include "protocol/stored/group_metadata.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(GroupMetadataKey);
KAFKA_CODEC(GroupMetadataValue);
