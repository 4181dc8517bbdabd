#include "protocol/messages/create_delegation_token.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(CreateDelegationTokenRequest);
KAFKA_CODEC(CreateDelegationTokenResponse);
