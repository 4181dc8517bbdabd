// A copy of a log in another directory, made in steps while the log goes on: how a partition moves
// between the directories of a broker (KIP-113). Files are copied as they are, so that the copy has
// the segments, producers, transactions and epochs of the log; Log::complete() brings it to the
// end.
//
// What an earlier copy left in the directory, also Apache Kafka's, is compared and kept as far as
// it is the same.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "protocol/error.h"
#include "storage/file_system.h"
#include "storage/segment_files.h"

namespace storage {

using protocol::ErrorCode;

// The files of a log, as they were at some moment.
struct LogContents {
    struct Part {
        int64_t base_offset = 0;
        uint64_t size_bytes = 0;  // of the .log file
        bool operator==(const Part&) const = default;
    };
    std::string directory;
    std::vector<Part> segments;      // rising; the last one is written to
    std::vector<int64_t> snapshots;  // rising
    int64_t end_offset = 0;
    uint64_t truncation_count = 0;

    // Whether the copy of the one has to become another one for the other, but for what was
    // appended to the last segment.
    bool has_same_files(const LogContents& other) const;
};

class LogCopy {
  public:
    // Requires: the directory is there, with the topic's id.
    LogCopy(FileSystem& files, std::string directory)
        : files_(files), directory_(std::move(directory)) {}

    const std::string& directory() const { return directory_; }
    // Up to which offset the log is there, and how large it is.
    int64_t end_offset() const { return end_offset_; }
    uint64_t size_bytes() const;

    // From any one thread at a time.
    //
    // Copies about `bytes_max` of what the log had and the copy has not, whole batches, of which
    // each is checked. Segments come with their indexes once they are not written to any more, and
    // are on the disk then. Gives how many bytes were read of the log; 0: all of it is there.
    // Errors: kafka_storage_error (also when the log has dropped a segment meanwhile),
    // corrupt_message (the log is damaged).
    std::expected<uint64_t, ErrorCode> advance(const LogContents& log, uint64_t bytes_max);
    // Brings what was copied of the last segment to the disk.
    std::expected<void, ErrorCode> sync();
    // The rest, all of it on the disk: the end of the last segment, its indexes, the epochs.
    // Requires: nothing is appended to the log meanwhile, and its index entries are written.
    std::expected<void, ErrorCode> finish(const LogContents& log);

  private:
    struct Copied {
        uint64_t size_bytes = 0;    // that are those of the log
        uint64_t stored_bytes = 0;  // of the file, with what an earlier copy left in it
        bool is_complete = false;   // with its indexes, and on the disk
    };
    struct OpenSegment {
        int64_t base_offset = -1;
        std::shared_ptr<File> from, to;
    };

    std::expected<void, ErrorCode> begin(const LogContents& log);
    std::expected<void, ErrorCode> take_up(const LogContents& log, const std::string& name);
    std::expected<void, ErrorCode> drop_what_is_gone(const LogContents& log);
    std::expected<uint64_t, ErrorCode> copy_batches(const LogContents& log,
                                                    const LogContents::Part& part,
                                                    uint64_t bytes_max);
    std::expected<void, ErrorCode> open_segment(const LogContents& log, int64_t base_offset);
    // How many bytes of whole batches are at `position`, which buffer_ has then.
    std::expected<size_t, ErrorCode> read_batches(const LogContents::Part& part, uint64_t position,
                                                  uint64_t bytes_max);
    std::expected<void, ErrorCode> put(Copied& copied, size_t size);
    std::expected<void, ErrorCode> complete_segment(const LogContents& log,
                                                    const LogContents::Part& part);
    std::expected<uint64_t, ErrorCode> copy_snapshots(const LogContents& log);
    // As a whole, on the disk; what the log does not have goes from the copy. Gives its size.
    std::expected<uint64_t, ErrorCode> copy_file(const LogContents& log, const std::string& name);
    std::string path(const std::string& name) const { return directory_ + '/' + name; }

    FileSystem& files_;
    const std::string directory_;
    bool is_begun_ = false;
    uint64_t truncation_count_ = 0;
    std::map<int64_t, Copied> segments_;
    std::set<int64_t> snapshots_;
    int64_t end_offset_ = 0;
    OpenSegment open_;
    Blob buffer_;
};

}  // namespace storage
