#include "protocol/messages/alter_client_quotas.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AlterClientQuotasRequest);
KAFKA_CODEC(AlterClientQuotasResponse);
