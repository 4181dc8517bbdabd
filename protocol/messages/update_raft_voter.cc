#include "protocol/messages/update_raft_voter.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(UpdateRaftVoterRequest);
KAFKA_CODEC(UpdateRaftVoterResponse);
