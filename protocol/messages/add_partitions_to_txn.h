// AddPartitionsToTxn (API key 24): KIP-98; flexible v3, KIP-890 batches of transactions v4 and
// verification v5.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AddPartitionsToTxnRequest {
    static constexpr int16_t api_key = 24;
    static constexpr Versions valid = between(0, 5), flexible = since(3);

    struct AddPartitionsToTxnTopic {
        std::string_view name;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    struct AddPartitionsToTxnTransaction {
        std::string_view transactional_id;
        int64_t producer_id = 0;
        int16_t producer_epoch = 0;
        bool verify_only = false;
        std::vector<AddPartitionsToTxnTopic> topics;

        static void fields(auto& f, auto& m) {
            f("TransactionalId", m.transactional_id);
            f("ProducerId", m.producer_id);
            f("ProducerEpoch", m.producer_epoch);
            f("VerifyOnly", m.verify_only);
            f("Topics", m.topics);
        }
    };

    std::vector<AddPartitionsToTxnTransaction> transactions;
    std::string_view v3_and_below_transactional_id;
    int64_t v3_and_below_producer_id = 0;
    int16_t v3_and_below_producer_epoch = 0;
    std::vector<AddPartitionsToTxnTopic> v3_and_below_topics;

    static void fields(auto& f, auto& m) {
        f("Transactions", m.transactions, since(4));
        f("V3AndBelowTransactionalId", m.v3_and_below_transactional_id, until(3));
        f("V3AndBelowProducerId", m.v3_and_below_producer_id, until(3));
        f("V3AndBelowProducerEpoch", m.v3_and_below_producer_epoch, until(3));
        f("V3AndBelowTopics", m.v3_and_below_topics, until(3));
    }
};

struct AddPartitionsToTxnResponse {
    static constexpr int16_t api_key = 24;
    static constexpr Versions valid = between(0, 5), flexible = since(3);

    struct AddPartitionsToTxnPartitionResult {
        int32_t partition_index = 0;
        ErrorCode partition_error_code = ErrorCode::none;

        static void fields(auto& f, auto& m) {
            f("PartitionIndex", m.partition_index);
            f("PartitionErrorCode", m.partition_error_code);
        }
    };

    struct AddPartitionsToTxnTopicResult {
        std::string name;
        std::vector<AddPartitionsToTxnPartitionResult> results_by_partition;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("ResultsByPartition", m.results_by_partition);
        }
    };

    struct AddPartitionsToTxnResult {
        std::string transactional_id;
        std::vector<AddPartitionsToTxnTopicResult> topic_results;

        static void fields(auto& f, auto& m) {
            f("TransactionalId", m.transactional_id);
            f("TopicResults", m.topic_results);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<AddPartitionsToTxnResult> results_by_transaction;
    std::vector<AddPartitionsToTxnTopicResult> results_by_topic_v3_and_below;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code, since(4));
        f("ResultsByTransaction", m.results_by_transaction, since(4));
        f("ResultsByTopicV3AndBelow", m.results_by_topic_v3_and_below, until(3));
    }
};

}  // namespace protocol
