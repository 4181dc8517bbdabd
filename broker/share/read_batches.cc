#include "broker/share/read_batches.h"

#include <algorithm>
#include <set>

namespace broker::share {

namespace {

// The aborted transactions that a reader is in the middle of, as it goes from batch to batch.
class OpenAborted {
  public:
    explicit OpenAborted(std::span<const protocol::AbortedTxn> aborted)
        : upcoming_(aborted.begin(), aborted.end()) {
        std::ranges::sort(upcoming_, std::ranges::greater{}, &protocol::AbortedTxn::first_offset);
    }
    bool has(const protocol::BatchView& batch) {
        while (!upcoming_.empty() && upcoming_.back().first_offset <= batch.last_offset()) {
            open_.insert(upcoming_.back().producer_id);
            upcoming_.pop_back();
        }
        if (!batch.is_control())
            return batch.is_transactional() && open_.contains(batch.producer_id());
        const auto control = protocol::control_record(batch);
        if (control && control->type == protocol::ControlType::abort)
            open_.erase(batch.producer_id());
        return false;
    }

  private:
    std::vector<protocol::AbortedTxn> upcoming_;  // the next one last
    std::set<int64_t> open_;                      // by producer id
};

// The next batch, of any magic; nullopt at the end. Messages of before magic 2 know their last
// offset only.
struct Next {
    OffsetRange offsets;
    size_t size_bytes = 0;
};
std::optional<Next> next_batch(protocol::Bytes rest, int64_t first_possible) {
    if (const auto batch = protocol::BatchView::first_in(rest))
        return Next{{batch->base_offset(), batch->last_offset()}, batch->size_bytes()};
    const auto frame = protocol::frame_of(rest);
    if (!frame || !*frame) return std::nullopt;
    return Next{{std::min(first_possible, (*frame)->offset), (*frame)->offset},
                (*frame)->size_bytes};
}

}  // namespace

SharePartition::Read read_batches(protocol::Bytes records, int64_t fetch_offset,
                                  std::span<const protocol::AbortedTxn> aborted) {
    SharePartition::Read read{.fetch_offset = fetch_offset};
    OpenAborted open(aborted);
    int64_t next_offset = fetch_offset;
    while (const auto next = next_batch(records, next_offset)) {
        const auto view = protocol::BatchView::first_in(records);
        if (view && open.has(*view)) read.aborted.push_back(next->offsets);
        read.batches.push_back(next->offsets);
        next_offset = next->offsets.last_offset + 1;
        records = records.subspan(next->size_bytes);
    }
    return read;
}

protocol::Bytes batches_of(protocol::Bytes records, OffsetRange offsets) {
    size_t begin = 0;
    size_t end = 0;
    int64_t next_offset = 0;
    while (const auto next = next_batch(records.subspan(end), next_offset)) {
        if (next->offsets.first_offset > offsets.last_offset) break;
        end += next->size_bytes;
        if (next->offsets.last_offset < offsets.first_offset) begin = end;
        next_offset = next->offsets.last_offset + 1;
    }
    return records.subspan(begin, end - begin);
}

}  // namespace broker::share
