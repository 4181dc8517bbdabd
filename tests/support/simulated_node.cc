#include "tests/support/simulated_node.h"

#include <algorithm>

namespace support {
namespace {

using storage::Blob;
using storage::Bytes;

// The first `size` bytes of the write reach `contents`.
void carry_out(Blob& contents, const SimulatedNode::Write& write, size_t size) {
    if (write.truncates) return contents.resize(write.position);
    if (size == 0) return;
    contents.resize(std::max(contents.size(), write.position + size));
    std::copy_n(write.data.begin(), size,
                contents.begin() + static_cast<ptrdiff_t>(write.position));
}

void carry_out(SimulatedNode::Entries& entries, const SimulatedNode::EntryChange& change) {
    if (!change.removed.empty()) entries.erase(change.removed);
    if (!change.added.empty()) entries[change.added] = change.node;
}

}  // namespace

void SimulatedNode::write(Bytes data, uint64_t position) {
    writes_.push_back({.position = position, .data = Blob(data.begin(), data.end())});
    carry_out(contents, writes_.back(), data.size());
}

void SimulatedNode::truncate(uint64_t size) {
    writes_.push_back({.position = size, .truncates = true});
    carry_out(contents, writes_.back(), 0);
}

void SimulatedNode::change_entries(const EntryChange& change) {
    entry_changes_.push_back(change);
    carry_out(entries, change);
}

uint64_t SimulatedNode::sync() {
    uint64_t bytes = 0;
    for (const auto& write : writes_) {
        carry_out(durable_contents_, write, write.data.size());
        bytes += write.data.size();
    }
    for (const auto& change : entry_changes_) carry_out(durable_entries_, change);
    writes_.clear();
    entry_changes_.clear();
    return bytes;
}

void SimulatedNode::cut_power(Random& random) {
    enum Fate : uint8_t { lost, torn, whole, fates };
    for (const auto& write : writes_) {
        const auto fate = random() % fates;
        if (fate == lost || (fate == torn && write.truncates)) continue;
        const size_t size = write.data.size();
        carry_out(durable_contents_, write, fate == whole ? size : random() % (size + 1));
    }
    const size_t kept = random() % (entry_changes_.size() + 1);
    for (size_t i = 0; i < kept; ++i) carry_out(durable_entries_, entry_changes_[i]);
    writes_.clear();
    entry_changes_.clear();
    contents = durable_contents_;
    entries = durable_entries_;
    for (const auto& [name, node] : entries) node->cut_power(random);
}

}  // namespace support
