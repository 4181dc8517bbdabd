// The log cleaner: compacts the log that needs it most, one at a time for the whole broker. The
// work is done on a thread of its own; the shard that owns the log only begins it, and swaps
// segments.
#pragma once

#include <asio/awaitable.hpp>
#include <atomic>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/error.h"
#include "storage/compaction.h"
#include "storage/partition_metadata.h"

namespace storage {
class Log;
}

namespace broker {

struct Services;
struct Shard;

class LogCleaner {
  public:
    explicit LogCleaner(const Services& services) : services_(services) {}

    // Requires: on the first shard, where all of it is at home, once all logs that are to be looked
    // at from the beginning are known.
    void start();
    // Work that is under way ends without a result. From any thread.
    void stop() { is_stopping_ = true; }

  private:
    using Id = std::pair<protocol::Uuid, int32_t>;  // topic and partition
    struct Candidate {
        Id id;
        Shard* owner = nullptr;
        storage::Cleanable cleanable;
    };
    struct Compacted {
        storage::PartitionName name;
        int64_t offset = 0;
    };

    Shard& home() const;
    void rest();
    asio::awaitable<void> clean_all_due();
    asio::awaitable<std::optional<Candidate>> find_filthiest();
    std::optional<Candidate> find_filthiest_of(Shard& shard) const;
    bool is_due(const storage::Log& log, const storage::Cleanable& cleanable) const;
    // Whether the next one may be taken up at once.
    asio::awaitable<bool> clean(Candidate candidate);
    asio::awaitable<std::expected<bool, protocol::ErrorCode>> run_round(
        const Candidate& candidate, storage::CompactionRound& round);
    asio::awaitable<std::expected<void, protocol::ErrorCode>> note_begun(Id id);
    void note_failure(const Candidate& candidate, protocol::ErrorCode error);
    asio::awaitable<std::expected<void, protocol::ErrorCode>> write_checkpoint();

    const Services& services_;
    std::atomic<bool> is_stopping_ = false;
    std::map<Id, Compacted> compacted_;
    std::map<Id, int64_t> retry_at_ms_;  // of logs that could not be compacted
};

}  // namespace broker
