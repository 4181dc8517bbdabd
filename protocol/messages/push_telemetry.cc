#include "protocol/messages/push_telemetry.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(PushTelemetryRequest);
KAFKA_CODEC(PushTelemetryResponse);
