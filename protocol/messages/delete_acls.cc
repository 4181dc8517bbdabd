#include "protocol/messages/delete_acls.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DeleteAclsRequest);
KAFKA_CODEC(DeleteAclsResponse);
