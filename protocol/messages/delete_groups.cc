#include "protocol/messages/delete_groups.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DeleteGroupsRequest);
KAFKA_CODEC(DeleteGroupsResponse);
