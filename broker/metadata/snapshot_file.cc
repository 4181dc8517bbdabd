#include "broker/metadata/snapshot_file.h"

#include <fmt/format.h>

#include <charconv>

#include "broker/metadata/features.h"
#include "storage/fresh_file.h"

namespace broker::metadata {

namespace {

using namespace protocol;
using std::unexpected;

constexpr size_t offset_digits = 20, epoch_digits = 10;
constexpr std::string_view suffix = ".checkpoint";
constexpr std::string_view unfinished_suffix = ".checkpoint.part";
constexpr std::string_view deleted_suffix = ".checkpoint.deleted";
// Below the 8 MiB that Apache Kafka reads a batch with.
constexpr size_t batch_bytes_max = 1 << 20;

template <class Number>
std::optional<Number> parse_digits(std::string_view digits, size_t count) {
    Number number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.size() != count || error != std::errc() || end != digits.data() + count ||
        number < 0)
        return std::nullopt;
    return number;
}

int16_t metadata_version_in(const std::vector<MetadataRecord>& records) {
    for (const MetadataRecord& record : records) {
        const auto* level = std::get_if<FeatureLevelRecord>(&record);
        if (level && level->name == metadata_version_feature) return level->feature_level;
    }
    return find_feature(metadata_version_feature)->initial;
}

}  // namespace

std::string snapshot_file_name(const SnapshotId& id) {
    return fmt::format("{:020}-{:010}{}", id.end_offset, id.epoch, suffix);
}

std::optional<SnapshotId> parse_snapshot_file_name(std::string_view name) {
    if (name.size() != offset_digits + 1 + epoch_digits + suffix.size() ||
        name[offset_digits] != '-' || !name.ends_with(suffix))
        return std::nullopt;
    const auto offset = parse_digits<int64_t>(name.substr(0, offset_digits), offset_digits);
    const auto epoch =
        parse_digits<int32_t>(name.substr(offset_digits + 1, epoch_digits), epoch_digits);
    if (!offset || !epoch) return std::nullopt;
    return SnapshotId{*offset, *epoch};
}

bool is_leftover_of_snapshot(std::string_view name) {
    return name.ends_with(unfinished_suffix) || name.ends_with(deleted_suffix);
}

Blob encode_snapshot(const Snapshot& snapshot, int32_t epoch, int64_t now_ms) {
    Blob bytes;
    int64_t next_offset = 0;
    const auto append = [&](const Blob& batch) {
        bytes.insert(bytes.end(), batch.begin(), batch.end());
        next_offset = BatchView::first_in(batch)->next_offset();
    };
    ControlBatch head(epoch, next_offset, now_ms);
    head.add(SnapshotHeaderRecord{.last_contained_log_timestamp =
                                      snapshot.last_contained_log_timestamp_ms});
    head.add(snapshot.voter_set);
    append(head.build());

    const int16_t metadata_version = metadata_version_in(snapshot.records);
    auto record = snapshot.records.begin();
    while (record != snapshot.records.end()) {
        BatchBuilder batch({.base_offset = next_offset, .partition_leader_epoch = epoch});
        for (; record != snapshot.records.end() && batch.size_bytes() < batch_bytes_max; ++record) {
            const Blob value = encode(*record, metadata_version);
            batch.add(now_ms, std::nullopt, value);
        }
        append(batch.build());
    }

    ControlBatch foot(epoch, next_offset, now_ms);
    foot.add(SnapshotFooterRecord{});
    append(foot.build());
    return bytes;
}

std::expected<Snapshot, SnapshotProblem> decode_snapshot(Bytes bytes) {
    Snapshot snapshot;
    BatchReplay replay([&](const MetadataRecord& record) { snapshot.records.push_back(record); });
    BatchCursor batches(bytes);
    while (const auto batch = batches.next()) {
        if (!batch->has_valid_crc())
            return unexpected(SnapshotProblem{
                fmt::format("the batch at offset {} is damaged", batch->base_offset())});
        if (auto replayed = replay.replay(*batch); !replayed)
            return unexpected(SnapshotProblem{replayed.error(), /*is_damage=*/false});
        if (!replay.has_snapshot_header())
            return unexpected(SnapshotProblem{"it does not begin as a snapshot"});
    }
    if (!batches.rest().empty() || !replay.is_at_snapshot_footer())
        return unexpected(SnapshotProblem{"it has no end"});
    snapshot.voter_set = replay.voter_set();
    return snapshot;
}

std::expected<void, std::error_code> write_snapshot(storage::FileSystem& files,
                                                    const std::string& path, Bytes contents) {
    const std::string unfinished = path + ".part";
    auto written = storage::put_whole(files, path, unfinished, contents);
    if (written) written = files.sync_directory(storage::parent_directory(path));
    // What is left of it takes room on a disk that is perhaps full.
    if (!written) (void)files.remove(unfinished);
    return written;
}

}  // namespace broker::metadata
