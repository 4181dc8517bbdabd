#include "protocol/messages/list_config_resources.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ListConfigResourcesRequest);
KAFKA_CODEC(ListConfigResourcesResponse);
