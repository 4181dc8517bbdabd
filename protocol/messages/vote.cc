#include "protocol/messages/vote.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(VoteRequest);
KAFKA_CODEC(VoteResponse);
