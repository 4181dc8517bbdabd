#include "tests/simulation/log_model.h"

#include <algorithm>

namespace simulation {

using protocol::BatchView;
using protocol::Blob;

void LogModel::add(protocol::Bytes appended) {
    while (const auto view = BatchView::first_in(appended)) {
        batches.push_back({Blob(view->bytes().begin(), view->bytes().end())});
        end = view->next_offset();
        appended = appended.subspan(view->size_bytes());
    }
}

int64_t LogModel::end_if_cut(int64_t offset) const {
    const auto cut = std::ranges::find_if(
        batches, [offset](const Batch& batch) { return batch.next() > offset; });
    return cut == batches.end() ? end : cut->base();
}

void LogModel::cut(int64_t offset) {
    while (!batches.empty() && batches.back().next() > offset) batches.pop_back();
    end = offset;
    start = std::min(start, end);
}

void LogModel::begin_anew(int64_t offset) {
    cut(offset);
    start = end = began_anew_at = offset;
}

storage::ProducerState LogModel::producers() const {
    storage::ProducerState state;
    const auto anew = std::ranges::find_if(
        batches, [this](const Batch& batch) { return batch.base() >= began_anew_at; });
    for (auto batch = batches.begin(); batch != anew; ++batch) (void)state.apply(batch->view());
    for (const auto& [id, producer] : storage::ProducerState(state).producers())
        state.end_transaction(id);
    for (auto batch = anew; batch != batches.end(); ++batch) (void)state.apply(batch->view());
    return state;
}

std::map<int64_t, int64_t> LogModel::transactions(std::vector<Aborted>& aborted) const {
    std::map<int64_t, int64_t> open;
    for (const Batch& batch : batches) {
        const auto view = batch.view();
        if (!view.is_transactional() || batch.base() < began_anew_at) continue;
        if (!view.is_control()) {
            open.emplace(view.producer_id(), view.base_offset());
            continue;
        }
        const auto first = open.find(view.producer_id());
        if (first == open.end()) continue;
        if (protocol::control_record(view)->type == protocol::ControlType::abort)
            aborted.push_back({view.producer_id(), first->second, view.base_offset()});
        open.erase(first);
    }
    return open;
}

int64_t LogModel::last_stable_offset() const {
    std::vector<Aborted> aborted;
    int64_t stable = end;
    for (const auto& [id, first] : transactions(aborted)) stable = std::min(stable, first);
    return std::max(stable, start);
}

int64_t LogModel::bytes_from(int64_t offset) const {
    int64_t bytes = 0;
    for (const Batch& batch : batches)
        if (batch.base() >= offset) bytes += static_cast<int64_t>(batch.bytes.size());
    return bytes;
}

bool LogModel::is_old(const Batch& batch, const storage::LogConfig& config, int64_t now_ms) {
    return config.retention_ms >= 0 && now_ms - batch.view().max_timestamp() > config.retention_ms;
}

bool LogModel::may_expire(int64_t offset, const storage::LogConfig& config, int64_t now_ms) const {
    if (offset > last_stable_offset()) return false;
    return std::ranges::all_of(batches, [&](const Batch& batch) {
        if (batch.base() < start || batch.base() >= offset || is_old(batch, config, now_ms))
            return true;
        return config.retention_bytes >= 0 && bytes_from(batch.next()) >= config.retention_bytes;
    });
}

bool LogModel::must_expire(int64_t base, int64_t next, const storage::LogConfig& config,
                           int64_t now_ms) const {
    if (base == next || next > last_stable_offset()) return false;
    if (config.retention_bytes >= 0 && bytes_from(next) >= config.retention_bytes) return true;
    return std::ranges::all_of(batches, [&](const Batch& batch) {
        return batch.base() < base || batch.base() >= next || is_old(batch, config, now_ms);
    });
}

}  // namespace simulation
