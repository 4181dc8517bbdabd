#include "protocol/messages/delete_records.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DeleteRecordsRequest);
KAFKA_CODEC(DeleteRecordsResponse);
