#include "protocol/messages/unregister_controller.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(UnregisterControllerRequest);
KAFKA_CODEC(UnregisterControllerResponse);
