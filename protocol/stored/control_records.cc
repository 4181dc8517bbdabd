#include "protocol/stored/control_records.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(EndTxnMarker);
KAFKA_CODEC(ControlRecordTypeSchema);
KAFKA_CODEC(LeaderChangeMessage);
KAFKA_CODEC(SnapshotHeaderRecord);
KAFKA_CODEC(SnapshotFooterRecord);
KAFKA_CODEC(KRaftVersionRecord);
KAFKA_CODEC(VotersRecord);
