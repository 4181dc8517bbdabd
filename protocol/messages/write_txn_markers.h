// WriteTxnMarkers (API key 27): KIP-98; flexible v1, KIP-1228 transaction version v2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct WriteTxnMarkersRequest {
    static constexpr int16_t api_key = 27;
    static constexpr Versions valid = between(1, 2), flexible = since(1);

    struct WritableTxnMarker {
        struct WritableTxnMarkerTopic {
            std::string_view name;
            std::vector<int32_t> partition_indexes;

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
                f("PartitionIndexes", m.partition_indexes);
            }
        };

        int64_t producer_id = 0;
        int16_t producer_epoch = 0;
        bool transaction_result = false;
        std::vector<WritableTxnMarkerTopic> topics;
        int32_t coordinator_epoch = 0;
        int8_t transaction_version = 0;

        static void fields(auto& f, auto& m) {
            f("ProducerId", m.producer_id);
            f("ProducerEpoch", m.producer_epoch);
            f("TransactionResult", m.transaction_result);
            f("Topics", m.topics);
            f("CoordinatorEpoch", m.coordinator_epoch);
            f("TransactionVersion", m.transaction_version, since(2));
        }
    };

    std::vector<WritableTxnMarker> markers;

    static void fields(auto& f, auto& m) { f("Markers", m.markers); }
};

struct WriteTxnMarkersResponse {
    static constexpr int16_t api_key = 27;
    static constexpr Versions valid = between(1, 2), flexible = since(1);

    struct WritableTxnMarkerResult {
        struct WritableTxnMarkerTopicResult {
            struct WritableTxnMarkerPartitionResult {
                int32_t partition_index = 0;
                ErrorCode error_code = ErrorCode::none;

                static void fields(auto& f, auto& m) {
                    f("PartitionIndex", m.partition_index);
                    f("ErrorCode", m.error_code);
                }
            };

            std::string name;
            std::vector<WritableTxnMarkerPartitionResult> partitions;

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
                f("Partitions", m.partitions);
            }
        };

        int64_t producer_id = 0;
        std::vector<WritableTxnMarkerTopicResult> topics;

        static void fields(auto& f, auto& m) {
            f("ProducerId", m.producer_id);
            f("Topics", m.topics);
        }
    };

    std::vector<WritableTxnMarkerResult> markers;

    static void fields(auto& f, auto& m) { f("Markers", m.markers); }
};

}  // namespace protocol
