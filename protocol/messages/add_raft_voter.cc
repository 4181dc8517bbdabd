#include "protocol/messages/add_raft_voter.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AddRaftVoterRequest);
KAFKA_CODEC(AddRaftVoterResponse);
