#include "tools/bench/load/fetch_frame.h"

#include "protocol/messages/fetch.h"
#include "protocol/record_batch.h"

namespace bench {

namespace {

constexpr int16_t fetch_version = 12;           // the last with names of topics
constexpr int32_t answer_bytes_max = 50 << 20;  // fetch.max.bytes of Kafka's consumer

}  // namespace

Blob FetchPosition::frame() const {
    protocol::FetchRequest request{.max_wait_ms = shape_.wait_ms_max,
                                   .min_bytes = 1,
                                   .max_bytes = answer_bytes_max,
                                   .isolation_level = shape_.is_committed,
                                   .topics = {{.topic = topic_}}};
    for (size_t partition = 0; partition < offsets_.size(); ++partition)
        request.topics[0].partitions.push_back({.partition = static_cast<int32_t>(partition),
                                                .fetch_offset = offsets_[partition],
                                                .partition_max_bytes = shape_.partition_bytes_max});
    return request_frame(protocol::FetchRequest::api_key, fetch_version,
                         protocol::encode_gathered(request, fetch_version));
}

std::vector<FetchPosition::Batch> FetchPosition::move_on(Bytes answer) {
    std::vector<Batch> batches;
    const auto fetched = Connection::decode_answer<protocol::FetchResponse>(answer, fetch_version);
    require(fetched.error_code, "fetching");
    for (const auto& topic : fetched.responses) {
        for (const auto& partition : topic.partitions) {
            require(partition.error_code, "fetching a partition");
            if (!partition.records) continue;
            protocol::BatchCursor cursor(partition.records->bytes);
            while (const auto batch = cursor.next()) {
                batches.push_back(
                    {.base_offset = batch->base_offset(), .next_offset = batch->next_offset()});
                offsets_[static_cast<size_t>(partition.partition_index)] = batch->next_offset();
            }
        }
    }
    return batches;
}

}  // namespace bench
