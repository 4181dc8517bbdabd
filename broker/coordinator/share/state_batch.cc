#include "broker/coordinator/share/state_batch.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

namespace broker::coordinator::share {

namespace {

using Precedence = std::pair<int16_t, DeliveryState>;  // the greater one holds

// Where a batch begins or ends to count.
struct Edge {
    int64_t offset = 0;
    Precedence precedence;
    bool begins = false;
};

void append_edges(std::vector<Edge>& edges, std::span<const StateBatch> batches,
                  int64_t start_offset) {
    for (const StateBatch& batch : batches) {
        if (batch.last_offset < start_offset) continue;
        const Precedence precedence{batch.delivery_count, batch.delivery_state};
        edges.push_back({std::max(batch.first_offset, start_offset), precedence, true});
        edges.push_back({batch.last_offset + 1, precedence, false});
    }
}

void append(std::vector<StateBatch>& combined, const StateBatch& batch) {
    const bool continues = !combined.empty() && combined.back().has_state_of(batch) &&
                           combined.back().last_offset + 1 == batch.first_offset;
    if (continues)
        combined.back().last_offset = batch.last_offset;
    else
        combined.push_back(batch);
}

}  // namespace

std::vector<StateBatch> combine(std::span<const StateBatch> so_far,
                                std::span<const StateBatch> added, int64_t start_offset) {
    std::vector<Edge> edges;
    append_edges(edges, so_far, start_offset);
    append_edges(edges, added, start_offset);
    std::ranges::sort(edges, {}, &Edge::offset);
    std::vector<StateBatch> combined;
    std::map<Precedence, int, std::greater<>> open;
    int64_t since = 0;
    for (const Edge& edge : edges) {
        if (!open.empty() && edge.offset > since) {
            const auto [count, state] = open.begin()->first;
            append(combined, {since, edge.offset - 1, state, count});
        }
        since = edge.offset;
        if (edge.begins) {
            ++open[edge.precedence];
        } else if (const auto found = open.find(edge.precedence); --found->second == 0) {
            open.erase(found);
        }
    }
    return combined;
}

}  // namespace broker::coordinator::share
