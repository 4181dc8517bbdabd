#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <ostream>
#include <vector>

#include "storage/batch_scanner.h"
#include "storage/index.h"
#include "storage/segment_files.h"
#include "storage/time_index.h"
#include "storage/transaction_index.h"
#include "tools/inspect/dump_log/dump_file.h"
#include "tools/inspect/dump_log/entry_reader.h"

namespace inspect {

namespace {

using storage::BatchHeader;
using storage::FileSystem;
using storage::IndexEntry;
using storage::TimeIndexEntry;

std::string absolute(const std::string& path) { return std::filesystem::absolute(path).string(); }

// A list of faults in one file, under a heading that is printed with the first.
class Complaints {
  public:
    Complaints(std::ostream& out, std::string heading) : out_(out), heading_(std::move(heading)) {}

    void add(std::string_view fault) {
        if (!heading_.empty()) out_ << heading_ << '\n';
        heading_.clear();
        out_ << fault << '\n';
    }

  private:
    std::ostream& out_;
    std::string heading_;
};

std::string log_of(const std::string& index_path, int64_t base_offset) {
    return storage::parent_directory(index_path) + '/' +
           storage::segment_file_name(base_offset, storage::SegmentFile::log);
}

// The header of the batch that begins at `position`, if one does.
std::optional<BatchHeader> header_at(const storage::File& log, int64_t position) {
    if (position < 0) return std::nullopt;
    storage::Blob bytes(protocol::batch_header_bytes);
    const auto read = log.read_at(bytes, static_cast<uint64_t>(position));
    if (!read) return std::nullopt;
    return storage::parse_batch_header(storage::Bytes(bytes).first(*read),
                                       static_cast<uint64_t>(position));
}

// Behind the entries of an index that was not closed Apache Kafka leaves zeros.
bool is_unused(const IndexEntry& entry) { return entry.relative_offset == 0; }
bool is_unused(const TimeIndexEntry& entry) { return entry.relative_offset == 0; }

template <class Entry>
bool complain_unsound(const DumpContext& context, const std::string& path,
                      const EntryReader<Entry>& entries) {
    return complain(context, path,
                    fmt::format("fails the sanity check: {} bytes in entries of {}",
                                entries.size_bytes(), Entry::size_bytes));
}

void say_sound(const DumpContext& context, const std::string& path) {
    context.printer.begin_sentence("sanity", fmt::format("{} passed sanity check.", path))
        .fact("file", path)
        .fact("passed", true)
        .end();
}

// What a start looks at: whole entries, and a last one that is not below the first.
bool check_index(const DumpContext& context, const std::string& path,
                 EntryReader<IndexEntry>& entries) {
    std::optional<IndexEntry> last;
    while (const auto entry = entries.next()) last = entry;
    if (entries.left_over_bytes() > 0 || (last && last->relative_offset < 0))
        return complain_unsound(context, path, entries);
    say_sound(context, path);
    return true;
}

bool check_time_index(const DumpContext& context, const std::string& path,
                      EntryReader<TimeIndexEntry>& entries) {
    std::optional<TimeIndexEntry> first;
    std::optional<TimeIndexEntry> last;
    while (const auto entry = entries.next()) {
        if (!first) first = entry;
        last = entry;
    }
    if (entries.left_over_bytes() > 0 ||
        (last && (last->relative_offset < 0 || last->timestamp < first->timestamp)))
        return complain_unsound(context, path, entries);
    say_sound(context, path);
    return true;
}

// Finds batches by their last offsets, from front to back.
class OffsetSearch {
  public:
    OffsetSearch(const storage::File& log, uint64_t log_bytes) : scanner_(log, 0, log_bytes) {}

    // The first batch that ends at `offset` or behind it. Nullopt: there is none, or the batches
    // asked for before lie behind it.
    std::optional<BatchHeader> find(int64_t offset) {
        while (!current_ || current_->last_offset < offset) {
            const auto next = scanner_.next();
            if (!next || !*next) return std::nullopt;
            current_ = **next;
        }
        if (current_->base_offset > offset) return std::nullopt;
        return current_;
    }

  private:
    storage::BatchScanner scanner_;
    std::optional<BatchHeader> current_;
};

class TimeIndexDump {
  public:
    TimeIndexDump(const DumpContext& context, const std::string& path)
        : not_found_(context.complaints, "The following indexed offsets are not found in the log."),
          mismatches_(context.complaints, "Found timestamp mismatch in :" + absolute(path)),
          out_of_order_(context.complaints, "Found out of order timestamp in :" + absolute(path)) {}

    void check(int64_t timestamp, int64_t offset, const std::optional<BatchHeader>& batch) {
        if (!batch || batch->last_offset != offset) {
            not_found_.add(fmt::format("Indexed offset: {}, found log offset: {}", offset,
                                       batch ? batch->last_offset : -1));
        } else {
            if (batch->max_timestamp != timestamp)
                mismatches_.add(fmt::format("  Index timestamp: {}, log timestamp: {}", timestamp,
                                            batch->max_timestamp));
            if (previous_ >= timestamp)
                out_of_order_.add(
                    fmt::format("  Index timestamp: {}, Previously indexed timestamp: {}",
                                timestamp, previous_));
        }
        previous_ = timestamp;
    }

  private:
    Complaints not_found_;
    Complaints mismatches_;
    Complaints out_of_order_;
    int64_t previous_ = protocol::no_timestamp;
};

}  // namespace

bool dump_index(const DumpContext& context, const std::string& path, int64_t base_offset) {
    const auto log = context.files.open(log_of(path, base_offset), FileSystem::Open::read);
    if (!log) return complain(context, log_of(path, base_offset), log.error().message());
    const auto file = context.files.open(path, FileSystem::Open::read);
    if (!file) return complain(context, path, file.error().message());
    EntryReader<IndexEntry> entries(*file);
    if (entries.entry_count() == 0) {
        context.printer.begin_sentence("index", fmt::format("{} is empty.", path))
            .fact("file", path)
            .fact("entries", 0)
            .end();
        return true;
    }
    if (context.options.index_sanity_check) return check_index(context, path, entries);

    Complaints mismatches(context.complaints, "Mismatches in :" + absolute(path));
    while (const auto entry = entries.next()) {
        if (is_unused(*entry) && entries.position() > 0) break;
        const int64_t offset = base_offset + entry->relative_offset;
        const auto batch = header_at(**log, entry->position);
        const bool is_small =
            batch && std::cmp_less_equal(batch->size_bytes, context.options.message_bytes_max);
        if (!is_small || batch->last_offset != offset)
            mismatches.add(fmt::format("  Index offset: {}, log offset: {}", offset,
                                       is_small ? batch->last_offset : -1));
        if (!context.options.verify_index_only)
            context.printer.begin("indexEntry")
                .fact("offset", offset)
                .fact("position", entry->position)
                .end();
    }
    return true;
}

bool dump_time_index(const DumpContext& context, const std::string& path, int64_t base_offset) {
    const auto log = context.files.open(log_of(path, base_offset), FileSystem::Open::read);
    if (!log) return complain(context, log_of(path, base_offset), log.error().message());
    const auto file = context.files.open(path, FileSystem::Open::read);
    if (!file) return complain(context, path, file.error().message());
    EntryReader<TimeIndexEntry> entries(*file);
    if (context.options.index_sanity_check) return check_time_index(context, path, entries);

    const auto log_bytes = (*log)->size();
    OffsetSearch search(**log, log_bytes ? *log_bytes : 0);
    TimeIndexDump dump(context, path);
    while (const auto entry = entries.next()) {
        if (is_unused(*entry) && entries.position() > 0) break;
        const int64_t offset = base_offset + entry->relative_offset;
        dump.check(entry->timestamp, offset, search.find(offset));
        if (!context.options.verify_index_only)
            context.printer.begin("timeIndexEntry")
                .fact("timestamp", entry->timestamp)
                .fact("offset", offset)
                .end();
    }
    return true;
}

bool dump_transaction_index(const DumpContext& context, const std::string& path) {
    const auto file = context.files.open(path, FileSystem::Open::read);
    if (!file) return complain(context, path, file.error().message());
    EntryReader<storage::TransactionIndexEntry> entries(*file);
    while (const auto entry = entries.next())
        context.printer.begin("abortedTransaction")
            .fact("version", entry->version)
            .fact("producerId", entry->producer_id)
            .fact("firstOffset", entry->first_offset)
            .fact("lastOffset", entry->last_offset)
            .fact("lastStableOffset", entry->last_stable_offset)
            .end();
    if (entries.left_over_bytes() > 0)
        return complain(
            context, path,
            fmt::format("{} bytes are left over behind the last entry", entries.left_over_bytes()));
    return true;
}

}  // namespace inspect
