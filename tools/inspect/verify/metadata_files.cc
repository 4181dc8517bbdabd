#include "tools/inspect/verify/metadata_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "protocol/record_batch.h"
#include "protocol/stored/config_record.h"
#include "protocol/stored/framing.h"
#include "protocol/stored/topic_records.h"
#include "storage/batch_scanner.h"
#include "storage/segment_files.h"
#include "tools/inspect/dump_log/file_kind.h"

namespace inspect {

namespace {

using protocol::BatchView;
using protocol::Record;
using storage::BatchScanner;
using storage::FileSystem;

constexpr int8_t topic_resource = 2;  // ConfigResource.Type
constexpr size_t quorum_state_bytes_max = 16 << 10;
constexpr size_t topics_max = 1'000'000;  // More are not in any cluster.

// The sound batches of a file, up to the first that is not.
void for_each_sound_batch(FileSystem& files, const std::string& path,
                          const std::function<void(const BatchView&)>& visit) {
    const auto file = files.open(path, FileSystem::Open::read);
    const auto size = file ? (*file)->size() : std::unexpected(file.error());
    if (!size) return;
    BatchScanner scanner(**file, 0, *size, BatchScanner::bulk_window_bytes);
    while (true) {
        const auto header = scanner.next();
        if (!header || !*header || (*header)->size_bytes > batch_bytes_max) return;
        const auto bytes = scanner.bytes();
        if (!bytes || !storage::has_valid_checksum(*bytes)) return;
        if (const auto batch = BatchView::first_in(*bytes)) visit(*batch);
    }
}

class TopicReader {
  public:
    void read(FileSystem& files, const std::string& path, int64_t from) {
        for_each_sound_batch(files, path, [&](const BatchView& batch) {
            if (batch.is_control() || batch.last_offset() < from) return;
            (void)for_each_record(batch, [&](const Record& record) {
                if (record.value && record.offset >= from) apply(*record.value);
                return true;
            });
        });
    }

    KnownTopics take() { return std::move(topics_); }

  private:
    void apply(protocol::Bytes value) {
        if (const auto topic = protocol::decode_metadata_record<protocol::TopicRecord>(value)) {
            if (topics_.ids.size() < topics_max) topics_.ids[topic->name] = topic->topic_id;
        } else if (const auto removed =
                       protocol::decode_metadata_record<protocol::RemoveTopicRecord>(value)) {
            std::erase_if(topics_.ids,
                          [&](const auto& entry) { return entry.second == removed->topic_id; });
            std::erase_if(topics_.compacted,
                          [&](const auto& name) { return !topics_.ids.contains(name); });
        } else if (const auto config =
                       protocol::decode_metadata_record<protocol::ConfigRecord>(value)) {
            if (config->resource_type != topic_resource || config->name != "cleanup.policy") return;
            // Once compacted, a log keeps its gaps: a later policy does not take that back.
            if (config->value && config->value->contains("compact"))
                topics_.compacted.insert(config->resource_name);
        }
    }

    KnownTopics topics_{.is_known = true};
};

}  // namespace

KnownTopics read_topics(FileSystem& files, const std::string& directory) {
    const auto names = files.list(directory);
    if (!names) return {};
    std::vector<std::string> logs;
    std::string snapshot;
    int64_t snapshot_offset = 0;
    for (const auto& file : *names) {  // sorted, and so by offset
        const auto parsed = parse_file_name(file);
        if (!parsed.leftover.empty()) continue;
        if (parsed.kind == FileKind::log) logs.push_back(file);
        if (parsed.kind == FileKind::metadata_snapshot) {
            snapshot = file;
            snapshot_offset = parsed.offset;
        }
    }
    TopicReader reader;
    if (!snapshot.empty()) reader.read(files, fmt::format("{}/{}", directory, snapshot), 0);
    for (const auto& log : logs)
        reader.read(files, fmt::format("{}/{}", directory, log), snapshot_offset);
    return reader.take();
}

void verify_metadata_snapshot(FileSystem& files, const std::string& path, Findings& findings) {
    const auto file = files.open(path, FileSystem::Open::read);
    const auto size = file ? (*file)->size() : std::unexpected(file.error());
    if (!size) {
        findings.violation(Rule::unreadable_file, {path}, size.error().message());
        return;
    }
    std::optional<protocol::ControlType> first;
    std::optional<protocol::ControlType> last;
    uint64_t sound_bytes = 0;
    for_each_sound_batch(files, path, [&](const BatchView& batch) {
        sound_bytes += batch.size_bytes();
        const auto control = protocol::control_record(batch);
        last = control ? std::optional(control->type) : std::nullopt;
        if (!first) first = last.value_or(protocol::ControlType::abort);
    });
    if (sound_bytes != *size) {
        findings.violation(Rule::metadata_snapshot, {path, sound_bytes},
                           "no whole batch with a right checksum begins here");
        return;
    }
    // bootstrap.checkpoint of early versions has neither.
    if (file_name_of(path) == "bootstrap.checkpoint") return;
    if (first != protocol::ControlType::snapshot_header)
        findings.violation(Rule::metadata_snapshot, {path, 0}, "does not begin with a header");
    if (last != protocol::ControlType::snapshot_footer)
        findings.violation(Rule::metadata_snapshot, {path, sound_bytes},
                           "does not end with a footer");
}

void verify_quorum_state(FileSystem& files, const std::string& path, Findings& findings) {
    const auto bytes = read_side_file(files, path);
    if (!bytes) {
        findings.violation(Rule::unreadable_file, {path}, bytes.error());
        return;
    }
    const auto state = bytes->size() <= quorum_state_bytes_max
                           ? nlohmann::json::parse(storage::as_text(*bytes), nullptr,
                                                   /*allow_exceptions=*/false)
                           : nlohmann::json();
    if (!state.is_object() || !state.contains("leaderEpoch"))
        findings.violation(Rule::properties, {path}, "is no quorum state in JSON");
}

}  // namespace inspect
