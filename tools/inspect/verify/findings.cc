#include "tools/inspect/verify/findings.h"

#include <fmt/format.h>

namespace inspect {

std::string_view name(Rule rule) {
    switch (rule) {
        case Rule::unreadable_file: return "unreadable-file";
        case Rule::missing_file: return "missing-file";
        case Rule::unknown_file: return "unknown-file";
        case Rule::leftover: return "leftover";
        case Rule::batch_framing: return "batch-framing";
        case Rule::batch_checksum: return "batch-checksum";
        case Rule::batch_records: return "batch-records";
        case Rule::offsets: return "offsets";
        case Rule::offset_gap: return "offset-gap";
        case Rule::leader_epoch: return "leader-epoch";
        case Rule::index: return "index";
        case Rule::time_index: return "time-index";
        case Rule::sequence: return "sequence";
        case Rule::producer_epoch: return "producer-epoch";
        case Rule::transaction: return "transaction";
        case Rule::transaction_index: return "transaction-index";
        case Rule::last_stable_offset: return "last-stable-offset";
        case Rule::producer_snapshot: return "producer-snapshot";
        case Rule::checkpoint: return "checkpoint";
        case Rule::topic_id: return "topic-id";
        case Rule::duplicate: return "duplicate";
        case Rule::metadata_record: return "metadata-record";
        case Rule::metadata_snapshot: return "metadata-snapshot";
        case Rule::quorum: return "quorum";
        case Rule::properties: return "properties";
    }
    return "?";
}

void Findings::violation(Rule rule, const Place& place, std::string_view what) {
    ++violation_count_;
    print("violation", rule, place, what);
}

void Findings::note(Rule rule, const Place& place, std::string_view what) {
    ++note_count_;
    print("note", rule, place, what);
}

void Findings::print(std::string_view type, Rule rule, const Place& place, std::string_view what) {
    const uint64_t count = ++printed_[{place.file, rule}];
    if (count > printed_max + 1) return;
    if (count == printed_max + 1) what = "more of the same: counted, but not printed";
    printer_.begin(type, fmt::format("{}: ", type)).fact("rule", name(rule));
    printer_.fact("file", place.file);
    if (place.position && count <= printed_max) printer_.fact("position", *place.position);
    printer_.fact("what", what).end();
}

void Findings::summarise() {
    printer_
        .begin_sentence(
            "summary",
            fmt::format(
                "{} partitions, {} segments, {} batches, {} records: {} violations, " "{} notes",
                totals.partitions, totals.segments, totals.batches, totals.records,
                violation_count_, note_count_))
        .fact("partitions", totals.partitions)
        .fact("segments", totals.segments)
        .fact("batches", totals.batches)
        .fact("records", totals.records)
        .fact("violations", violation_count_)
        .fact("notes", note_count_)
        .end();
}

}  // namespace inspect
