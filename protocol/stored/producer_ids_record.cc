#include "protocol/stored/producer_ids_record.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ProducerIdsRecord);
