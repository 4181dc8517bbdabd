#include "protocol/messages/update_features.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(UpdateFeaturesRequest);
KAFKA_CODEC(UpdateFeaturesResponse);
