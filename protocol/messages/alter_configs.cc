#include "protocol/messages/alter_configs.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AlterConfigsRequest);
KAFKA_CODEC(AlterConfigsResponse);
