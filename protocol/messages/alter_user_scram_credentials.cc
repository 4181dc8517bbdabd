#include "protocol/messages/alter_user_scram_credentials.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AlterUserScramCredentialsRequest);
KAFKA_CODEC(AlterUserScramCredentialsResponse);
