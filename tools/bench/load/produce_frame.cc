#include "tools/bench/load/produce_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <string>

#include "protocol/crc32c.h"
#include "protocol/messages/produce.h"
#include "protocol/record_batch.h"
#include "tools/bench/load/big_endian.h"
#include "tools/bench/load/connection.h"

namespace bench {

namespace {

// Where a batch of magic 2 has what changes.
constexpr size_t checksum_at = 17;
constexpr size_t checked_from = 21;
constexpr size_t producer_id_at = 43;
constexpr size_t producer_epoch_at = 51;
constexpr size_t sequence_at = 53;
constexpr int32_t timeout_ms = 30'000;

// Words and numbers rather than noise or one letter, so that a codec has something to do.
Blob value_of(size_t size, int32_t record) {
    std::string text;
    for (uint32_t i = static_cast<uint32_t>(record) + 1; text.size() < size; ++i) {
        const uint32_t number = i * 2'654'435'761U;
        text += fmt::format("order {:08x} of customer {} is paid; ", number, number % 1000);
    }
    const auto bytes = std::as_bytes(std::span(text)).first(size);
    return Blob(bytes.begin(), bytes.end());
}

Blob batch_of(const ProduceFrame::Options& options) {
    using std::chrono::system_clock, std::chrono::milliseconds;
    const int64_t now_ms = system_clock::now().time_since_epoch() / milliseconds(1);
    const bool numbered = options.producer.id >= 0;
    protocol::BatchBuilder builder({.compression = options.shape.compression,
                                    .producer_id = options.producer.id,
                                    .producer_epoch = options.producer.epoch,
                                    .base_sequence = numbered ? 0 : protocol::no_sequence,
                                    .transactional = options.transactional_id.has_value()});
    for (int32_t i = 0; i < options.shape.records; ++i)
        builder.add(now_ms, std::nullopt, value_of(options.shape.value_bytes, i));
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
    frame_ = request_frame(protocol::ProduceRequest::api_key, options.version,
                           protocol::encode_gathered(request, options.version));
    batch_bytes_ = built.size();
    batch_at_ = static_cast<size_t>(std::ranges::search(frame_, built).begin() - frame_.begin());
    if (!numbered_) return;
    learn_checksum();
    for (size_t bit = 0; bit < checksum_bits_.size(); ++bit) {
        store(batch(), sequence_at, uint32_t{1} << bit);
        checksum_bits_[bit] = protocol::crc32c(batch().subspan(checked_from)) ^ checksum_of_zero_;
    }
}

void ProduceFrame::set_producer(ProducerIdentity producer) {
    store(batch(), producer_id_at, producer.id);
    store(batch(), producer_epoch_at, producer.epoch);
    sequence_ = 0;
    store(batch(), sequence_at, sequence_);
    learn_checksum();
}

void ProduceFrame::learn_checksum() {
    checksum_of_zero_ = protocol::crc32c(batch().subspan(checked_from));
}

Bytes ProduceFrame::next() {
    if (!numbered_) return frame_;
    const auto sequence = static_cast<uint32_t>(sequence_);
    uint32_t checksum = checksum_of_zero_;
    for (size_t bit = 0; bit < checksum_bits_.size(); ++bit)
        if ((sequence >> bit & 1) != 0) checksum ^= checksum_bits_[bit];
    store(batch(), sequence_at, sequence);
    store(batch(), checksum_at, checksum);
    sequence_ = protocol::sequence_after(sequence_, records_);
    return frame_;
}

protocol::MutableBytes ProduceFrame::batch() {
    return protocol::MutableBytes(frame_).subspan(batch_at_, batch_bytes_);
}

}  // namespace bench
