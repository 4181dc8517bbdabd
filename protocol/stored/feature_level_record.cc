#include "protocol/stored/feature_level_record.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(FeatureLevelRecord);
