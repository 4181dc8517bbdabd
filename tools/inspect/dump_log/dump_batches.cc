#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <ostream>
#include <vector>

#include "protocol/legacy_records.h"
#include "protocol/record_batch.h"
#include "storage/batch_scanner.h"
#include "tools/inspect/dump_log/dump_file.h"
#include "tools/inspect/names.h"

namespace inspect {

namespace {

using protocol::BatchView;
using protocol::Bytes;
using protocol::LegacyMessage;
using protocol::Record;
using storage::BatchHeader;

constexpr std::string_view record_mark = "| ";

// A sequence as it counts on from the batch's first one; no batch in a sound log has another delta.
int32_t sequence_in(const BatchView& batch, int64_t offset_delta) {
    if (batch.base_sequence() < 0 || offset_delta < 0 ||
        offset_delta > std::numeric_limits<int32_t>::max())
        return protocol::no_sequence;
    return protocol::sequence_after(batch.base_sequence(), static_cast<int32_t>(offset_delta));
}

struct BatchTime {
    std::string_view type;
    int64_t max;
};

void print_end_of_batch(Printer& printer, const BatchHeader& header, const BatchTime& time,
                        protocol::Compression codec, uint32_t crc, bool is_valid) {
    printer.fact("position", header.position)
        .timestamp(time.type, time.max)
        .fact("size", header.size_bytes)
        .fact("magic", header.magic)
        .fact("compresscodec", name(codec))
        .fact("crc", crc)
        .fact("isvalid", is_valid)
        .end();
}

void print_batch(Printer& printer, const BatchHeader& header, const BatchView& batch) {
    printer.begin("batch")
        .fact("baseOffset", batch.base_offset())
        .fact("lastOffset", batch.last_offset())
        .fact("count", batch.record_count())
        .fact("baseSequence", batch.base_sequence())
        .fact("lastSequence", sequence_in(batch, batch.last_offset_delta()))
        .fact("producerId", batch.producer_id())
        .fact("producerEpoch", batch.producer_epoch())
        .fact("partitionLeaderEpoch", batch.partition_leader_epoch())
        .fact("isTransactional", batch.is_transactional())
        .fact("isControl", batch.is_control())
        .fact("deleteHorizonMs",
              batch.has_delete_horizon() ? std::optional(batch.base_timestamp()) : std::nullopt);
    // Also of a batch without records, whose time counts for nothing else.
    print_end_of_batch(printer, header, {name(batch.timestamp_type()), batch.max_timestamp()},
                       batch.compression(), batch.crc(), batch.has_valid_crc());
}

std::string_view time_type_of(const LegacyMessage& message) {
    return message.magic() == 0 ? "NoTimestampType" : name(message.timestamp_type());
}

void print_message(Printer& printer, const BatchHeader& header, const LegacyMessage& message) {
    printer.begin("batch").fact("offset", message.offset());
    print_end_of_batch(printer, header, {time_type_of(message), header.max_timestamp},
                       message.compression(), message.crc(), message.has_valid_crc());
}

int64_t size_or_null(const std::optional<Bytes>& bytes) {
    return bytes ? static_cast<int64_t>(bytes->size()) : -1;
}

class FileDump {
  public:
    FileDump(const DumpContext& context, const std::string& path)
        : context_(context), printer_(context.printer), path_(path) {}

    // `bytes`: all of the batch.
    void dump(const BatchHeader& header, Bytes bytes) {
        if (header.magic < 2) {
            if (const auto message = LegacyMessage::first_in(bytes)) dump_legacy(header, *message);
            return;
        }
        const auto batch = BatchView::first_in(bytes);
        if (!batch) return;
        print_batch(printer_, header, *batch);
        if (!context_.options.deep_iteration) return;
        const auto read = protocol::for_each_record(*batch, [&](const Record& record) {
            note_offset(record.offset);
            print_record(*batch, record);
            return true;
        });
        say_unreadable(read);
    }

  private:
    void dump_legacy(const BatchHeader& header, const LegacyMessage& message) {
        print_message(printer_, header, message);
        if (!context_.options.deep_iteration) return;
        const auto read = for_each_legacy_record(message, [&](const Record& record) {
            note_offset(record.offset);
            begin_record();
            if (!context_.options.skip_record_metadata) {
                print_metadata(time_type_of(message), record);
                if (message.compression() == protocol::Compression::none)
                    printer_.fact("isValid", message.has_valid_crc()).fact("crc", message.crc());
            }
            if (context_.options.print_data_log) print_contents(record);
            printer_.end();
            return true;
        });
        say_unreadable(read);
    }

    void begin_record() {
        const bool has_facts =
            !context_.options.skip_record_metadata || context_.options.print_data_log;
        printer_.begin("record", has_facts ? record_mark : "");
    }

    void print_record(const BatchView& batch, const Record& record) {
        if (context_.options.skip_record_metadata && batch.is_control()) return;
        begin_record();
        if (!context_.options.skip_record_metadata) {
            print_metadata(name(batch.timestamp_type()), record);
            std::vector<std::string_view> keys;
            for (const auto& header : record.headers) keys.push_back(header.key);
            printer_.fact("sequence", sequence_in(batch, record.offset - batch.base_offset()))
                .list("headerKeys", keys);
            if (batch.is_control()) print_control(batch, record);
        }
        if (context_.options.print_data_log && !batch.is_control()) print_contents(record);
        printer_.end();
    }

    void print_metadata(std::string_view time_type, const Record& record) {
        printer_.fact("offset", record.offset)
            .timestamp(time_type, record.timestamp)
            .fact("keySize", size_or_null(record.key))
            .fact("valueSize", size_or_null(record.value));
    }

    void print_control(const BatchView& batch, const Record& record) {
        using protocol::ControlType;
        const auto control = protocol::control_record(batch);
        if (!control) {
            printer_.fact("controlType", "malformed");
        } else if (control->type == ControlType::abort || control->type == ControlType::commit) {
            printer_.fact("endTxnMarker", name(control->type))
                .fact("coordinatorEpoch", control->coordinator_epoch);
        } else if (const auto message = decode_control_message(record)) {
            printer_.json(message->label, message->json, message->text_separator);
        } else {
            printer_.fact("controlType",
                          fmt::format("UNKNOWN({})", static_cast<int16_t>(control->type)));
        }
    }

    void print_contents(const Record& record) {
        if (context_.decoder == PayloadDecoder::strings) {
            if (record.key) printer_.payload("key", *record.key);
            if (record.value) printer_.payload("payload", *record.value);
            return;
        }
        const auto decoded = decode_payload(context_.decoder, record);
        if (decoded.key) print_decoded("key", *decoded.key);
        if (decoded.value) print_decoded("payload", *decoded.value);
    }

    void print_decoded(std::string_view fact, const DecodedText& decoded) {
        if (decoded.is_json)
            printer_.json(fact, decoded.text);
        else
            printer_.fact(fact, decoded.text);
    }

    // Kafka's tool takes the first record, coming from nowhere, for a gap as well.
    void note_offset(int64_t offset) {
        if (last_offset_ && offset != *last_offset_ + 1) {
            if (!has_gap_) context_.complaints << "Non-consecutive offsets in " << path_ << '\n';
            has_gap_ = true;
            context_.complaints << "  " << *last_offset_ << " is followed by " << offset << '\n';
        }
        last_offset_ = offset;
    }

    void say_unreadable(const std::expected<void, protocol::ErrorCode>& read) {
        if (read) return;
        const auto why = protocol::name(read.error());
        printer_.begin_sentence("error", fmt::format("The records cannot be read: {}", why))
            .fact("error", why)
            .end();
    }

    const DumpContext& context_;
    Printer& printer_;
    const std::string& path_;
    std::optional<int64_t> last_offset_;
    bool has_gap_ = false;
};

void print_start(Printer& printer, const FileName& name) {
    if (name.kind == FileKind::log)
        printer.begin_sentence("log", fmt::format("Log starting offset: {}", name.offset))
            .fact("baseOffset", name.offset)
            .end();
    else if (name.kind == FileKind::bootstrap)
        printer.begin_sentence("bootstrap", "KRaft bootstrap snapshot").end();
    else
        printer
            .begin_sentence("snapshot", fmt::format("Snapshot end offset: {}, epoch: {}",
                                                    name.offset, name.epoch))
            .fact("endOffset", name.offset)
            .fact("epoch", name.epoch)
            .end();
}

}  // namespace

bool dump_batches(const DumpContext& context, const std::string& path) {
    const auto file = context.files.open(path, storage::FileSystem::Open::read);
    if (!file) return complain(context, path, file.error().message());
    const auto size = (*file)->size();
    if (!size) return complain(context, path, size.error().message());
    const auto file_name = file_name_of(path);
    print_start(context.printer, parse_file_name(file_name));

    const bool is_limited = context.options.bytes_max < std::numeric_limits<int32_t>::max();
    const uint64_t end = is_limited ? std::min<uint64_t>(*size, context.options.bytes_max) : *size;
    storage::BatchScanner scanner(**file, 0, end, storage::BatchScanner::bulk_window_bytes);
    FileDump dump(context, path);
    bool is_good = true;
    while (true) {
        const auto header = scanner.next();
        if (!header && header.error() == protocol::ErrorCode::kafka_storage_error)
            return complain(context, path, "cannot be read");
        if (!header || !*header) break;
        if ((*header)->size_bytes > batch_bytes_max) {
            complain(context, path,
                     fmt::format("the batch at {} is too large", (*header)->position));
            is_good = false;
            continue;
        }
        const auto bytes = scanner.bytes();
        if (!bytes) return complain(context, path, "cannot be read");
        dump.dump(**header, *bytes);
    }
    if (const uint64_t trailing = end - scanner.position(); trailing > 0 && !is_limited)
        context.printer
            .begin_sentence("error", fmt::format("Found {} invalid bytes at the end of {}",
                                                 trailing, file_name))
            .fact("invalidBytes", trailing)
            .fact("position", scanner.position())
            .end();
    return is_good;
}

}  // namespace inspect
