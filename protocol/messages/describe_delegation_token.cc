#include "protocol/messages/describe_delegation_token.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeDelegationTokenRequest);
KAFKA_CODEC(DescribeDelegationTokenResponse);
