#include "tests/simulation/ledger.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "tests/simulation/dice.h"

namespace simulation {

namespace {

std::string name(const Partition& partition) {
    return fmt::format("{}-{}", partition.topic, partition.index);
}

std::string name(const Entry& entry) {
    return fmt::format("entry {} of writer {}", entry.number, entry.writer);
}

bool is_copy(const Partition& partition) {
    return partition.topic == output_topic || partition.topic == audit_topic;
}

// The last number of `who` becomes this one, which is larger.
void rise(std::map<int32_t, int64_t>& last, int32_t who, const Entry& entry,
          const std::string& where) {
    const auto [at, is_new] = last.try_emplace(who, entry.number);
    require(is_new || at->second < entry.number,
            fmt::format("{}: {} after {}", where, name(entry), at->second));
    at->second = entry.number;
}

}  // namespace

protocol::Blob Entry::encode() const {
    protocol::Blob bytes(sizeof *this);
    std::memcpy(bytes.data(), this, sizeof *this);
    return bytes;
}

std::optional<Entry> Entry::decode(protocol::Bytes bytes) {
    if (bytes.size() != sizeof(Entry)) return std::nullopt;
    Entry entry;
    std::memcpy(&entry, bytes.data(), sizeof entry);
    return entry;
}

void View::move(const Partition& partition, int64_t new_high_watermark,
                int64_t new_last_stable_offset) {
    require(new_high_watermark >= high_watermark,
            fmt::format("{}: the high watermark went back from {} to {}", name(partition),
                        high_watermark, new_high_watermark));
    require(new_last_stable_offset >= last_stable_offset,
            fmt::format("{}: the last stable offset went back from {} to {}", name(partition),
                        last_stable_offset, new_last_stable_offset));
    require(new_last_stable_offset <= new_high_watermark,
            name(partition) + ": the last stable offset is above the high watermark");
    high_watermark = new_high_watermark;
    last_stable_offset = new_last_stable_offset;
}

void View::add(const Partition& partition, const Entry& entry, int64_t offset) {
    if (is_copy(partition)) rise(last_of_source_, entry.source, entry, name(partition));
    rise(last_of_writer_, entry.writer, entry, name(partition));
    entries_.emplace_back(offset, entry);
}

int32_t Ledger::begin(bool is_transaction) {
    writers_.push_back({.is_transaction = is_transaction});
    return static_cast<int32_t>(writers_.size() - 1);
}

void Ledger::take(int64_t producer_id, int16_t producer_epoch, int client) {
    const auto [at, is_new] = owners_.try_emplace({producer_id, producer_epoch}, client);
    require(at->second == client, fmt::format("clients {} and {} are both producer {} epoch {}",
                                              at->second, client, producer_id, producer_epoch));
}

void Ledger::see(const Partition& partition, const Entry& entry) {
    const Writer& writer = writers_.at(static_cast<size_t>(entry.writer));
    if (!writer.is_transaction) return;
    require(writer.may_commit, fmt::format("{}: {} is visible, and nobody asked to commit it",
                                           name(partition), name(entry)));
    require(writer.told != false,
            fmt::format("{}: {} is visible, and was aborted", name(partition), name(entry)));
}

int64_t Ledger::known_offset(int32_t input_partition) const {
    const auto known = offsets_.find(input_partition);
    return known == offsets_.end() ? -1 : known->second;
}

void Ledger::see_offset(int32_t input_partition, int64_t at_least, int64_t offset) {
    require(offset >= at_least, fmt::format("the offset of input {} went back from {} to {}",
                                            input_partition, at_least, offset));
    offsets_[input_partition] = std::max(offset, known_offset(input_partition));
}

void Ledger::check(const Views& views) const {
    std::vector<Seen> seen(writers_.size());
    for (const auto& [partition, view] : views)
        for (const auto& [offset, entry] : view.entries())
            seen[static_cast<size_t>(entry.writer)].emplace(partition, entry);
    for (size_t number = 0; number < writers_.size(); ++number)
        check_writer(writers_[number], seen[number]);
    check_copies(views);
    check_offsets(views);
}

// What went to a topic that was deleted since may be gone, and nothing follows from that.
void Ledger::check_writer(const Writer& writer, const Seen& seen) {
    const bool must_be_seen = writer.is_transaction ? writer.told == true || !seen.empty() : true;
    Seen acked;
    for (const auto& [partition, entries] : writer.acked) {
        for (const Entry& entry : entries) {
            acked.emplace(partition, entry);
            if (must_be_seen && partition.topic != scratch_topic)
                require(seen.contains({partition, entry}),
                        fmt::format("{}: {} is lost", name(partition), name(entry)));
        }
    }
    if (!writer.is_transaction) return;
    for (const auto& [partition, entry] : seen)
        require(acked.contains({partition, entry}),
                fmt::format("{}: {} is visible, and its client does not know of it",
                            name(partition), name(entry)));
}

void Ledger::check_copies(const Views& views) {
    std::map<int32_t, std::vector<int64_t>> inputs, outputs, audited;
    for (const auto& [partition, view] : views) {
        for (const auto& [offset, entry] : view.entries()) {
            if (partition.topic == input_topic) inputs[partition.index].push_back(offset);
            if (partition.topic == output_topic) outputs[partition.index].push_back(entry.number);
            if (partition.topic == audit_topic) audited[entry.source].push_back(entry.number);
        }
    }
    for (const auto& [partition, numbers] : inputs) {
        require(outputs[partition] == numbers,
                fmt::format("input {} is {}, and its copies {}", partition, fmt::join(numbers, ","),
                            fmt::join(outputs[partition], ",")));
        require(audited[partition] == numbers,
                fmt::format("input {} is {}, and the audit {}", partition, fmt::join(numbers, ","),
                            fmt::join(audited[partition], ",")));
    }
}

void Ledger::check_offsets(const Views& views) const {
    std::map<int32_t, int64_t> expected;
    for (const auto& [partition, view] : views) {
        if (partition.topic != output_topic || view.entries().empty()) continue;
        const auto& writer = writers_.at(static_cast<size_t>(view.entries().back().second.writer));
        expected[partition.index] = writer.offset.value().second;
    }
    for (const auto& [partition, offset] : expected)
        require(known_offset(partition) == offset,
                fmt::format("the offset of input {} is {}, and that of the last copy {}", partition,
                            known_offset(partition), offset));
}

uint64_t Ledger::committed_count() const {
    return static_cast<uint64_t>(
        std::ranges::count_if(writers_, [](const Writer& writer) { return writer.told == true; }));
}

uint64_t Ledger::aborted_count() const {
    return static_cast<uint64_t>(
        std::ranges::count_if(writers_, [](const Writer& writer) { return writer.told == false; }));
}

}  // namespace simulation
