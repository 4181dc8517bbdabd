#include "broker/metadata/kraft_batches.h"

#include <fmt/format.h>

#include <utility>

#include "protocol/codec.h"
#include "protocol/stored/framing.h"

namespace broker::metadata {

namespace {

using namespace protocol;
using std::unexpected;

constexpr int16_t control_version = 0;

Blob key_of(ControlType type) {
    const ControlRecordTypeSchema key{.type = static_cast<int16_t>(type)};
    Blob bytes(sizeof control_version);  // the version of the key, 0
    const Blob body = encode(key, control_version);
    bytes.insert(bytes.end(), body.begin(), body.end());
    return bytes;
}

std::optional<ControlType> type_of(const Record& record) {
    if (!record.key) return std::nullopt;
    Reader reader(*record.key);
    reader.integer<int16_t>();  // the version; what follows is the same in all there are
    const auto type = reader.integer<int16_t>();
    return reader.ok() ? std::optional(static_cast<ControlType>(type)) : std::nullopt;
}

template <class Message>
std::optional<Message> read_value(const Record& record) {
    if (!record.value) return std::nullopt;
    Reader reader(*record.value);
    return decode<Message>(reader, control_version);
}

// As all of them the record begins with its version, and then says who it is.
std::optional<Leader> read_leader(const Record& record, int32_t epoch) {
    Reader reader(record.value.value_or(Bytes{}));
    reader.integer<int16_t>();
    const auto id = reader.integer<int32_t>();
    return reader.ok() ? std::optional(Leader{epoch, id}) : std::nullopt;
}

std::string not_understood(const Record& record) {
    Reader reader(record.value.value_or(Bytes{}));
    const auto head = read_metadata_record_head(reader);
    if (!head) return fmt::format("the record at offset {} cannot be read", record.offset);
    return fmt::format("the record at offset {} is of type {}, version {}, which is not known here",
                       record.offset, head->record_type, head->version);
}

}  // namespace

template <class Message>
void ControlBatch::add_as(ControlType type, const Message& message) {
    const Blob key = key_of(type);
    const Blob value = encode(message, control_version);
    builder_.add(now_ms_, key, value);
}

void ControlBatch::add(const LeaderChangeMessage& message) {
    add_as(ControlType::leader_change, message);
}

void ControlBatch::add(const SnapshotHeaderRecord& record) {
    add_as(ControlType::snapshot_header, record);
}

void ControlBatch::add(const SnapshotFooterRecord& record) {
    add_as(ControlType::snapshot_footer, record);
}

void ControlBatch::add(const VoterSet& voter_set) {
    if (voter_set.kraft_version == 0) return;
    add_as(ControlType::kraft_version,
           KRaftVersionRecord{.kraft_version = voter_set.kraft_version});
    if (voter_set.voters) add_as(ControlType::kraft_voters, *voter_set.voters);
}

std::expected<void, std::string> BatchReplay::replay(const BatchView& batch) {
    is_at_footer_ = false;
    std::expected<void, std::string> outcome;
    const auto visited = for_each_record(batch, [&](const Record& record) {
        last_timestamp_ms_ = record.timestamp;
        outcome = batch.is_control() ? replay_control(record, batch.partition_leader_epoch())
                                     : replay_record(record);
        return outcome.has_value();
    });
    if (!visited)
        return unexpected(fmt::format("the batch at offset {} cannot be read: {}",
                                      batch.base_offset(), name(visited.error())));
    return outcome;
}

std::expected<void, std::string> BatchReplay::replay_control(const Record& record, int32_t epoch) {
    const auto type = type_of(record);
    const auto unreadable = [&] {
        return unexpected(
            fmt::format("the control record at offset {} cannot be read", record.offset));
    };
    if (!type) return unreadable();
    switch (*type) {
        case ControlType::kraft_version: {
            const auto version = read_value<KRaftVersionRecord>(record);
            if (!version) return unreadable();
            voter_set_.kraft_version = version->kraft_version;
            return {};
        }
        case ControlType::kraft_voters: {
            auto voters = read_value<VotersRecord>(record);
            if (!voters) return unreadable();
            voter_set_.voters = std::move(voters);
            return {};
        }
        case ControlType::snapshot_header: has_header_ = true; return {};
        case ControlType::snapshot_footer: is_at_footer_ = true; return {};
        case ControlType::leader_change: leader_ = read_leader(record, epoch); return {};
        default:
            return unexpected(fmt::format(
                "the control record at offset {} is of type {}, which is " "not known here",
                record.offset, static_cast<int16_t>(*type)));
    }
}

std::expected<void, std::string> BatchReplay::replay_record(const Record& record) {
    const auto decoded = record.value ? decode(*record.value) : std::nullopt;
    if (!decoded) return unexpected(not_understood(record));
    if (std::holds_alternative<BeginTransactionRecord>(*decoded)) {
        is_in_transaction_ = true;
    } else if (std::holds_alternative<AbortTransactionRecord>(*decoded)) {
        is_in_transaction_ = false;
        held_back_.clear();
    } else if (std::holds_alternative<EndTransactionRecord>(*decoded)) {
        is_in_transaction_ = false;
        for (const MetadataRecord& held : std::exchange(held_back_, {})) visit_(held);
    } else if (is_in_transaction_) {
        held_back_.push_back(*decoded);
    } else {
        visit_(*decoded);
    }
    return {};
}

}  // namespace broker::metadata
