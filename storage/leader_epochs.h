// Which leader epoch wrote which offsets (KIP-101, KIP-320): the leader-epoch-checkpoint file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace storage {

struct LeaderEpochStart {
    int32_t epoch = -1;
    int64_t start_offset = -1;
    bool operator==(const LeaderEpochStart&) const = default;
};

class LeaderEpochs {
  public:
    // Notes that `epoch` writes from `start_offset` on. Entries that contradict it (as large an
    // epoch, or as large an offset) go. Returns whether the list changed, and must be written.
    // Requires: neither is negative.
    bool assign(int32_t epoch, int64_t start_offset);
    // OffsetForLeaderEpoch: the largest epoch <= the asked one, and the offset where it ends.
    // {-1, -1} when nothing is known of it. An epoch older than all gives itself, and the offset
    // at which the oldest known one starts.
    struct EpochEnd {
        int32_t epoch = -1;
        int64_t end_offset = -1;
        bool operator==(const EpochEnd&) const = default;
    };
    EpochEnd end_offset_of(int32_t epoch, int64_t log_end_offset) const;
    // The epoch that wrote a record; nullopt below the first entry.
    std::optional<int32_t> epoch_of(int64_t offset) const;
    int32_t latest() const;  // -1 when there is none
    // The log now ends (starts) at this offset. Return whether the list changed.
    bool truncate_from_end(int64_t end_offset);
    bool truncate_from_start(int64_t start_offset);
    const std::vector<LeaderEpochStart>& entries() const { return entries_; }

    // The file's text (version 0) and back; nullopt: damaged.
    std::string encode() const;
    static std::optional<LeaderEpochs> decode(const std::string& text);

  private:
    std::vector<LeaderEpochStart> entries_;  // both members rise
};

}  // namespace storage
