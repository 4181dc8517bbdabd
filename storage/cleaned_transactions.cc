#include "storage/cleaned_transactions.h"

#include <algorithm>
#include <utility>

namespace storage {

using protocol::BatchView;

CleanedTransactions::CleanedTransactions(std::vector<protocol::AbortedTxn> aborted)
    : aborted_(std::move(aborted)) {
    std::ranges::sort(aborted_, {}, &protocol::AbortedTxn::first_offset);
}

void CleanedTransactions::begin_transactions(const BatchView& batch) {
    for (; next_ < aborted_.size() && aborted_[next_].first_offset <= batch.last_offset(); ++next_)
        open_aborted_.insert_or_assign(aborted_[next_].producer_id, Aborted{aborted_[next_]});
    // Where a marker is missing, what its producer wrote behind it was not aborted (KAFKA-13727).
    const auto open = open_aborted_.find(batch.producer_id());
    if (open != open_aborted_.end() && open->second.range.last_offset < batch.base_offset())
        open_aborted_.erase(open);
}

bool CleanedTransactions::is_aborted(const BatchView& data) {
    begin_transactions(data);
    if (!data.is_transactional()) return false;
    const auto open = open_aborted_.find(data.producer_id());
    if (open == open_aborted_.end()) {
        open_committed_.insert(data.producer_id());
        return false;
    }
    open->second.was_met = true;
    return true;
}

bool CleanedTransactions::ends_nothing(const BatchView& control) {
    begin_transactions(control);
    // Without its record it was of no use to anybody before.
    if (control.record_count() == 0) return true;
    const auto marker = protocol::control_record(control);
    if (!marker) return false;
    if (marker->type == protocol::ControlType::commit)
        return open_committed_.erase(control.producer_id()) == 0;
    if (marker->type != protocol::ControlType::abort) return false;
    const auto open = open_aborted_.extract(control.producer_id());
    // Unless the index lost it: as long as there is data, the marker tells that it was aborted.
    if (open.empty()) return open_committed_.erase(control.producer_id()) == 0;
    if (!open.mapped().was_met) return true;
    indexed_.push_back(open.mapped().range);
    return false;
}

std::vector<protocol::AbortedTxn> CleanedTransactions::take_indexed() {
    return std::exchange(indexed_, {});
}

}  // namespace storage
