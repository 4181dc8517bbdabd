#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "protocol/codec.h"
#include "protocol/stored/producer_snapshot.h"
#include "protocol/uuid.h"
#include "storage/checkpoints.h"
#include "storage/leader_epochs.h"
#include "storage/meta_properties.h"
#include "storage/producer_state.h"
#include "tools/inspect/dump_log/dump_file.h"

namespace inspect {

namespace {

using protocol::ProducerSnapshot;

constexpr size_t snapshot_version_bytes = 2;
constexpr std::string_view damaged = "is damaged";
// Of Kafka's files in JSON none comes near; what is nested deeper than this many bytes allow is
// none of them.
constexpr size_t json_bytes_max = 16 << 10;

void print_producer(Printer& printer, const ProducerSnapshot::ProducerEntry& entry) {
    const auto open = entry.current_txn_first_offset >= 0
                          ? std::optional(entry.current_txn_first_offset)
                          : std::nullopt;
    printer.begin("producer")
        .fact("producerId", entry.producer_id)
        .fact("producerEpoch", entry.epoch)
        .fact("coordinatorEpoch", entry.coordinator_epoch)
        .fact("currentTxnFirstOffset", open)
        .fact("lastTimestamp", entry.timestamp);
    if (entry.last_offset >= 0) {
        const storage::ProducerBatch last{.last_sequence = entry.last_sequence,
                                          .offset_delta = entry.offset_delta};
        printer.fact("firstSequence", last.first_sequence())
            .fact("lastSequence", entry.last_sequence)
            .fact("lastOffset", entry.last_offset)
            .fact("offsetDelta", entry.offset_delta)
            .fact("timestamp", entry.timestamp);
    }
    printer.end();
}

bool dump_offsets(const DumpContext& context, std::string_view text) {
    const auto offsets = storage::decode_offsets(text);
    if (!offsets) return false;
    for (const auto& [partition, offset] : *offsets)
        context.printer.begin("checkpoint")
            .fact("topic", partition.topic)
            .fact("partition", partition.partition)
            .fact("offset", offset)
            .end();
    return true;
}

bool dump_leader_epochs(const DumpContext& context, std::string_view text) {
    const auto epochs = storage::LeaderEpochs::decode(std::string(text));
    if (!epochs) return false;
    for (const auto& entry : epochs->entries())
        context.printer.begin("leaderEpoch")
            .fact("epoch", entry.epoch)
            .fact("startOffset", entry.start_offset)
            .end();
    return true;
}

// JSON of Kafka's own: quorum-state, and the marker of a clean stop.
bool dump_json(const DumpContext& context, std::string_view name, std::string_view text) {
    if (text.size() > json_bytes_max) return false;
    const auto json = nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded()) return false;
    context.printer.begin("file").json(name, json.dump()).end();
    return true;
}

bool dump_meta_properties(const DumpContext& context, std::string_view text) {
    const auto properties = storage::decode_meta_properties(text);
    if (!properties)
        return complain(context, std::string(storage::meta_properties_file), properties.error());
    context.printer.begin("metaProperties")
        .fact("clusterId", properties->cluster_id)
        .fact("nodeId", properties->node_id)
        .fact("directoryId", protocol::to_string(properties->directory_id))
        .end();
    return true;
}

bool dump_partition_metadata(const DumpContext& context, const std::string& path) {
    const auto topic_id = storage::read_topic_id(context.files, storage::parent_directory(path));
    if (!topic_id) return false;
    context.printer.begin("partitionMetadata")
        .fact("topicId", protocol::to_string(*topic_id))
        .end();
    return true;
}

bool dump_text(const DumpContext& context, const std::string& path, FileKind kind,
               std::string_view text) {
    switch (kind) {
        case FileKind::offset_checkpoint: return text.empty() || dump_offsets(context, text);
        case FileKind::leader_epochs: return dump_leader_epochs(context, text);
        case FileKind::meta_properties: return dump_meta_properties(context, text);
        case FileKind::partition_metadata: return dump_partition_metadata(context, path);
        case FileKind::quorum_state: return dump_json(context, "quorumState", text);
        case FileKind::clean_shutdown: return dump_json(context, "cleanShutdown", text);
        default: return true;
    }
}

}  // namespace

bool complain(const DumpContext& context, const std::string& path, std::string_view why) {
    context.printer.flush();
    context.complaints << "Could not read " << path << ": " << why << '\n';
    return false;
}

bool dump_producer_snapshot(const DumpContext& context, const std::string& path) {
    const auto bytes = read_side_file(context.files, path);
    if (!bytes) return complain(context, path, bytes.error());
    if (!storage::ProducerState::decode_snapshot(*bytes)) return complain(context, path, damaged);
    const auto snapshot = protocol::decode<ProducerSnapshot>(
        protocol::Bytes(*bytes).subspan(snapshot_version_bytes), ProducerSnapshot::valid.last);
    if (!snapshot) return complain(context, path, damaged);
    for (const auto& entry : snapshot->producer_entries) print_producer(context.printer, entry);
    return true;
}

bool dump_side_file(const DumpContext& context, const std::string& path, FileKind kind) {
    const auto bytes = read_side_file(context.files, path);
    if (!bytes) return complain(context, path, bytes.error());
    return dump_text(context, path, kind, storage::as_text(*bytes)) ||
           complain(context, path, damaged);
}

}  // namespace inspect
