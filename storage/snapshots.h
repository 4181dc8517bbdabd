// The .snapshot files of a log: the producer state as it was at some offsets, so that opening the
// log replays only what came after.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <vector>

#include "storage/producer_state.h"
#include "storage/segment.h"

namespace storage {

class Snapshots {
  public:
    // `offsets`: those of the files on disk.
    Snapshots(const SegmentContext& context, std::vector<int64_t> offsets);

    // State at `offset`. Nothing is done where there is one already.
    std::expected<void, ErrorCode> write(int64_t offset, const ProducerState& producers);

    struct Snapshot {
        int64_t offset = 0;
        ProducerState producers;
    };
    // The newest one at or below `offset`; an empty state at 0 where there is none. Damaged ones
    // are removed.
    std::expected<Snapshot, ErrorCode> newest(int64_t offset);
    // Nullopt: there is none. Whether it can be read is not looked at.
    std::optional<int64_t> newest_offset() const;

    // Ends transactions of these producers in the snapshot at `offset`, if there is one. It is on
    // disk when this returns.
    std::expected<void, ErrorCode> end_transactions(int64_t offset,
                                                    const std::set<int64_t>& producer_ids);

    std::expected<void, ErrorCode> remove_above(int64_t offset);
    // Removes what is neither at the start of one of these segments nor one of the newest two.
    std::expected<void, ErrorCode> prune(const std::vector<Segment>& segments);

    const std::vector<int64_t>& offsets() const { return offsets_; }

  private:
    std::expected<void, ErrorCode> remove(size_t first, size_t last);

    const SegmentContext* context_;
    std::vector<int64_t> offsets_;  // rising
};

}  // namespace storage
