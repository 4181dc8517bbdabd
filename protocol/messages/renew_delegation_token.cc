#include "protocol/messages/renew_delegation_token.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(RenewDelegationTokenRequest);
KAFKA_CODEC(RenewDelegationTokenResponse);
