// Moves of a shard's partitions to other log directories (KIP-113). A log is copied beside itself
// on a thread of its own, in chunks and at the rate that is allowed, while it is read and written;
// the shard only says what there is to copy, and gives the copy the log's place in one step.
//
// Requires: called on the owner's shard.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "broker/event.h"
#include "broker/metadata/cluster_image.h"
#include "storage/log_directories.h"

namespace storage {
class Log;
}

namespace broker {

struct Services;
struct Shard;

class LogMoves {
  public:
    LogMoves(Shard& shard, const Services& services) : shard_(shard), services_(services) {}

    // The log of this partition is to be in that directory, one of log.dirs: begins to move it, or
    // takes back a move to another one. Requires: it is open.
    // Errors: kafka_storage_error (some directory is offline, so that a copy may be there),
    // unknown_topic_or_partition.
    std::expected<void, protocol::ErrorCode> move(const metadata::TopicImage& topic,
                                                  int32_t partition, std::string directory);
    // Returns when the copy of a partition that is to move is there, so that a start goes on with
    // it, or the move came to another end.
    asio::awaitable<void> until_begun(protocol::Uuid topic_id, int32_t partition) const;
    // Goes on with a copy that was found at the start.
    void resume(const metadata::TopicImage& topic, const storage::LogDirectory::Future& copy);

    // A copy on its way, for DescribeLogDirs.
    struct Future {
        std::string directory;  // of log.dirs
        uint64_t size_bytes = 0;
        int64_t end_offset = 0;
    };
    std::optional<Future> find(const protocol::Uuid& topic_id, int32_t partition) const;

    // The topic is deleted: returns when nothing is left of copies of its partitions.
    asio::awaitable<void> forget(protocol::Uuid topic_id);
    // What is under way is left to the next start.
    void stop();

  private:
    using Id = std::pair<protocol::Uuid, int32_t>;  // topic and partition
    struct Move;
    using MoveRef = std::shared_ptr<Move>;

    // Why a move does not go on.
    enum class End : uint8_t {
        moved,
        taken_back,  // or its topic was deleted
        left,        // by who stops, or after a failure: the next start goes on with it
    };
    template <class T>
    using Awaited = asio::awaitable<T>;

    storage::Log* log_of(const Move& move) const;
    // Nullopt: it goes on.
    std::optional<End> ended(const Move& move) const;
    End fail(const Move& move, protocol::ErrorCode error) const;
    static void note_begun(Move& move);
    Awaited<void> run(MoveRef move, MoveRef before);
    Awaited<End> begin(MoveRef move);
    Awaited<End> copy_all(MoveRef move);
    // Whether all of it is there that was when this was called.
    Awaited<std::expected<bool, protocol::ErrorCode>> copy_some(MoveRef move,
                                                                storage::LogContents contents);
    Awaited<std::expected<void, protocol::ErrorCode>> announce(MoveRef move);
    Awaited<std::expected<void, protocol::ErrorCode>> expect_arrival(MoveRef move) const;
    End swap(const Move& move);
    Awaited<bool> note_directory(MoveRef move, std::string path);

    Shard& shard_;
    const Services& services_;
    std::map<Id, MoveRef> moves_;
    bool is_stopping_ = false;
};

}  // namespace broker
