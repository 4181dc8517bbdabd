#include "protocol/stored/producer_snapshot.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ProducerSnapshot);
