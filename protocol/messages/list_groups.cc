#include "protocol/messages/list_groups.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ListGroupsRequest);
KAFKA_CODEC(ListGroupsResponse);
