#include "protocol/messages/remove_raft_voter.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(RemoveRaftVoterRequest);
KAFKA_CODEC(RemoveRaftVoterResponse);
