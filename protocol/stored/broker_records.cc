#include "protocol/stored/broker_records.h"

#include "protocol/codec_impl.h"

KAFKA_CODEC(RegisterBrokerRecord);
KAFKA_CODEC(BrokerRegistrationChangeRecord);
KAFKA_CODEC(UnregisterBrokerRecord);
KAFKA_CODEC(FenceBrokerRecord);
KAFKA_CODEC(UnfenceBrokerRecord);
