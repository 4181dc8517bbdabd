#include "protocol/stored/metadata_log_records.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(NoOpRecord);
KAFKA_CODEC(BeginTransactionRecord);
KAFKA_CODEC(EndTransactionRecord);
KAFKA_CODEC(AbortTransactionRecord);
KAFKA_CODEC(ZkMigrationStateRecord);
KAFKA_CODEC(RegisterControllerRecord);
KAFKA_CODEC(UnregisterControllerRecord);
