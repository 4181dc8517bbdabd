// A coordinator's log: one partition of an internal topic, whose records make a state machine's
// state. Loading and running feed the machine by the same calls.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <span>

#include "broker/coordinator/record.h"
#include "broker/metadata/cluster_image.h"
#include "broker/partition/replicas.h"

namespace broker::coordinator {

using protocol::ErrorCode;

// The producer whose transaction a coordinator's records belong to (TxnOffsetCommit).
struct TransactionalProducer {
    int64_t producer_id = protocol::no_producer_id;
    int16_t producer_epoch = protocol::no_producer_epoch;
    partition::Replica::Ticket ticket = 0;
};

// Requires: called on the shard that owns the partition.
class StateLog {
  public:
    StateLog(partition::Replicas& replicas, metadata::TopicRef topic, int32_t partition)
        : replicas_(replicas), topic_(std::move(topic)), partition_(partition) {}

    struct Visitor {
        // producer_id: of a transactional batch, else -1.
        std::function<std::expected<void, ErrorCode>(const protocol::Record&, int64_t producer_id)>
            record;
        std::function<void(int64_t producer_id, bool commit)> marker;
    };
    // Visits everything in the log, in order. Errors: those of opening and reading the log, and of
    // the visitor.
    std::expected<void, ErrorCode> load(const Visitor& visitor);

    // Appends the records as one batch; gives the offset of the first.
    // Errors: what the log cannot do, as a coordinator tells its clients (append_error).
    std::expected<int64_t, ErrorCode> append(
        std::span<const Record> records, int64_t now_ms,
        const std::optional<TransactionalProducer>& producer = std::nullopt);

    std::expected<partition::Replica*, ErrorCode> replica() {
        return replicas_.get(*topic_, partition_);
    }
    // Whether what was appended may be lost: a sync has failed.
    bool is_offline() const {
        const auto* open = replicas_.find_open(topic_->id, partition_);
        return open && open->log().is_offline();
    }
    const metadata::TopicImage& topic() const { return *topic_; }
    int32_t partition() const { return partition_; }

  private:
    partition::Replicas& replicas_;
    metadata::TopicRef topic_;
    int32_t partition_;
};

// Kafka's mapping of a failed append to what a coordinator answers: a client tries again.
ErrorCode append_error(ErrorCode error);

}  // namespace broker::coordinator
