#include "protocol/messages/alter_replica_log_dirs.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AlterReplicaLogDirsRequest);
KAFKA_CODEC(AlterReplicaLogDirsResponse);
