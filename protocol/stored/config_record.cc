#include "protocol/stored/config_record.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ConfigRecord);
