#include "tools/bench/produce_frame.h"

#include <algorithm>
#include <chrono>

#include "protocol/crc32c.h"
#include "protocol/messages/produce.h"
#include "protocol/record_batch.h"
#include "tools/bench/big_endian.h"
#include "tools/bench/connection.h"

namespace bench {

namespace {

// Where a batch of magic 2 has what changes.
constexpr size_t checksum_at = 17;
constexpr size_t checked_from = 21;
constexpr size_t sequence_at = 53;
constexpr int32_t timeout_ms = 30'000;

Blob batch_of(const ProduceFrame::Options& options) {
    using std::chrono::system_clock, std::chrono::milliseconds;
    const int64_t now_ms = system_clock::now().time_since_epoch() / milliseconds(1);
    const bool numbered = options.producer.id >= 0;
    protocol::BatchBuilder builder({.producer_id = options.producer.id,
                                    .producer_epoch = options.producer.epoch,
                                    .base_sequence = numbered ? 0 : protocol::no_sequence,
                                    .transactional = options.transactional_id.has_value()});
    const Blob value(options.shape.value_bytes, std::byte{'x'});
    for (int32_t i = 0; i < options.shape.records; ++i)
        builder.add(now_ms, std::nullopt, Bytes(value));
    return builder.build();
}

}  // namespace

ProduceFrame::ProduceFrame(const Options& options)
    : records_(options.shape.records), numbered_(options.producer.id >= 0) {
    const Blob built = batch_of(options);
    const protocol::ProduceRequest request{
        .transactional_id = options.transactional_id,
        .acks = options.acks,
        .timeout_ms = timeout_ms,
        .topic_data = {{.name = options.topic,
                        .partition_data = {
                            {.index = options.partition, .records = protocol::Records{built}}}}}};
    frame_ = request_frame(protocol::ProduceRequest::api_key, version,
                           protocol::encode_gathered(request, version));
    batch_bytes_ = built.size();
    batch_at_ = static_cast<size_t>(std::ranges::search(frame_, built).begin() - frame_.begin());
    if (!numbered_) return;
    checksum_of_zero_ = load_uint32(batch(), checksum_at);
    for (size_t bit = 0; bit < checksum_bits_.size(); ++bit) {
        store_uint32(batch(), sequence_at, uint32_t{1} << bit);
        checksum_bits_[bit] = protocol::crc32c(batch().subspan(checked_from)) ^ checksum_of_zero_;
    }
}

Bytes ProduceFrame::next() {
    if (!numbered_) return frame_;
    const auto sequence = static_cast<uint32_t>(sequence_);
    uint32_t checksum = checksum_of_zero_;
    for (size_t bit = 0; bit < checksum_bits_.size(); ++bit)
        if ((sequence >> bit & 1) != 0) checksum ^= checksum_bits_[bit];
    store_uint32(batch(), sequence_at, sequence);
    store_uint32(batch(), checksum_at, checksum);
    sequence_ = protocol::sequence_after(sequence_, records_);
    return frame_;
}

protocol::MutableBytes ProduceFrame::batch() {
    return protocol::MutableBytes(frame_).subspan(batch_at_, batch_bytes_);
}

}  // namespace bench
