#include "protocol/messages/expire_delegation_token.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ExpireDelegationTokenRequest);
KAFKA_CODEC(ExpireDelegationTokenResponse);
