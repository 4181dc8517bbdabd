#include "protocol/messages/get_telemetry_subscriptions.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(GetTelemetrySubscriptionsRequest);
KAFKA_CODEC(GetTelemetrySubscriptionsResponse);
