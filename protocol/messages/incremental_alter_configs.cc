#include "protocol/messages/incremental_alter_configs.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(IncrementalAlterConfigsRequest);
KAFKA_CODEC(IncrementalAlterConfigsResponse);
