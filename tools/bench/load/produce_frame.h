// A Produce request that is encoded once and sent again and again: from one sending to the next
// only a batch's sequence number changes, or its producer, and its checksum with it.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "protocol/compression.h"
#include "protocol/types.h"

namespace bench {

struct ProducerIdentity {
    int64_t id = -1;
    int16_t epoch = -1;
};

struct BatchShape {
    int32_t records = 1;
    size_t value_bytes = 1;
    protocol::Compression compression = protocol::Compression::none;
    bool operator==(const BatchShape&) const = default;
};

class ProduceFrame {
  public:
    // The last version with names of topics, by which a partition joins its transaction (KIP-890);
    // by the one before, AddPartitionsToTxn has to come first.
    static constexpr int16_t joining_version = 12;
    static constexpr int16_t joined_version = 11;

    struct Options {
        int16_t version = joining_version;
        std::string_view topic;
        int32_t partition = 0;
        BatchShape shape;
        int16_t acks = -1;
        ProducerIdentity producer;  // none: neither idempotent nor transactional
        std::optional<std::string_view> transactional_id;
    };

    explicit ProduceFrame(const Options& options);

    // From here on the batches are of that producer, and numbered from zero. Requires: those
    // before were numbered, too.
    void set_producer(ProducerIdentity producer);

    // The next batch of the producer, as a whole frame. Valid until the next call.
    protocol::Bytes next();
    // The same frame once more, as after an error that asks for it.
    protocol::Bytes again() const { return frame_; }

  private:
    protocol::MutableBytes batch();
    void learn_checksum();

    // How the checksum changes with each bit of the sequence number: it is linear.
    std::array<uint32_t, 32> checksum_bits_{};
    uint32_t checksum_of_zero_ = 0;
    protocol::Blob frame_;
    size_t batch_at_ = 0;
    size_t batch_bytes_ = 0;
    int32_t records_ = 0;
    bool numbered_ = false;
    int32_t sequence_ = 0;
};

}  // namespace bench
