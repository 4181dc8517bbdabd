#include "protocol/messages/share_fetch.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ShareFetchRequest);
KAFKA_CODEC(ShareFetchResponse);
