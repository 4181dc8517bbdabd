#include "protocol/messages/assign_replicas_to_dirs.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AssignReplicasToDirsRequest);
KAFKA_CODEC(AssignReplicasToDirsResponse);
