#include "protocol/stored/security_records.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(AccessControlEntryRecord);
KAFKA_CODEC(RemoveAccessControlEntryRecord);
KAFKA_CODEC(UserScramCredentialRecord);
KAFKA_CODEC(RemoveUserScramCredentialRecord);
KAFKA_CODEC(DelegationTokenRecord);
KAFKA_CODEC(RemoveDelegationTokenRecord);
KAFKA_CODEC(ClientQuotaRecord);
