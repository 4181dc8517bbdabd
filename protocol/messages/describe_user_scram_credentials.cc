#include "protocol/messages/describe_user_scram_credentials.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(DescribeUserScramCredentialsRequest);
KAFKA_CODEC(DescribeUserScramCredentialsResponse);
