// The state of one transactional id in __transaction_state: KIP-98, KIP-890 v1 (next and
// previous ids).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct TransactionLogKey {
    static constexpr int16_t record_type = 0;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string transactional_id;

    static void fields(auto& f, auto& m) { f("TransactionalId", m.transactional_id); }
};

struct TransactionLogValue {
    static constexpr int16_t record_type = 0;
    static constexpr Versions valid = between(0, 1), flexible = since(1);

    struct PartitionsSchema {
        std::string topic;
        std::vector<int32_t> partition_ids;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic);
            f("PartitionIds", m.partition_ids);
        }
    };

    int64_t producer_id = 0;
    int64_t previous_producer_id = -1;
    int64_t next_producer_id = -1;
    int16_t producer_epoch = 0;
    int16_t next_producer_epoch = -1;
    int32_t transaction_timeout_ms = 0;
    int8_t transaction_status = 0;
    std::optional<std::vector<PartitionsSchema>> transaction_partitions =
        std::vector<PartitionsSchema>{};
    int64_t transaction_last_update_timestamp_ms = 0;
    int64_t transaction_start_timestamp_ms = 0;
    int16_t client_transaction_version = 0;

    static void fields(auto& f, auto& m) {
        f("ProducerId", m.producer_id);
        f.tagged(0, "PreviousProducerId", m.previous_producer_id, since(1), -1);
        f.tagged(1, "NextProducerId", m.next_producer_id, since(1), -1);
        f("ProducerEpoch", m.producer_epoch);
        f("TransactionTimeoutMs", m.transaction_timeout_ms);
        f("TransactionStatus", m.transaction_status);
        f("TransactionPartitions", m.transaction_partitions);
        f("TransactionLastUpdateTimestampMs", m.transaction_last_update_timestamp_ms);
        f("TransactionStartTimestampMs", m.transaction_start_timestamp_ms);
        f.tagged(2, "ClientTransactionVersion", m.client_transaction_version, since(1));
        f.tagged(3, "NextProducerEpoch", m.next_producer_epoch, since(1), -1);
    }
};

}  // namespace protocol
