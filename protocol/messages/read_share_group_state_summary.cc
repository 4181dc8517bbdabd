#include "protocol/messages/read_share_group_state_summary.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(ReadShareGroupStateSummaryRequest);
KAFKA_CODEC(ReadShareGroupStateSummaryResponse);
