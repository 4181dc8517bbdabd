#include "protocol/messages/create_acls.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(CreateAclsRequest);
KAFKA_CODEC(CreateAclsResponse);
