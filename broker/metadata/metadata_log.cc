#include "broker/metadata/metadata_log.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>

#include "broker/metadata/features.h"
#include "broker/metadata/quorum_state.h"
#include "storage/batch_reader.h"
#include "storage/batch_scanner.h"
#include "storage/fresh_file.h"
#include "storage/segment_files.h"

namespace broker::metadata {

namespace {

using protocol::ErrorCode;
using std::unexpected;

constexpr size_t read_bytes_max = 1 << 20;
constexpr SnapshotId formatted_snapshot{.end_offset = 0, .epoch = 0};

// Where Apache Kafka's configuration usually has its controller. Nobody connects to it: einmal is
// the only voter, and so is the one that follows it, whose own configuration counts.
constexpr std::string_view controller_listener = "CONTROLLER", controller_host = "localhost";
constexpr uint16_t controller_port = 9093;

std::unexpected<std::string> failure(std::string_view what, std::error_code error) {
    return unexpected(fmt::format("{}: {}", what, error.message()));
}

// What a standalone format gives: this node as the only voter.
VoterSet only_voter(const MetadataLog::OpenOptions& options) {
    protocol::VotersRecord::Voter voter{.voter_id = options.node_id,
                                        .voter_directory_id = options.directory_id,
                                        .kraft_version_feature = {.max_supported_version = 1}};
    voter.endpoints.push_back({.name = std::string(controller_listener),
                               .host = std::string(controller_host),
                               .port = controller_port});
    return {.kraft_version = 1, .voters = protocol::VotersRecord{.voters = {std::move(voter)}}};
}

// Where a segment is not what was written to it, and the offset that should be there.
struct Damage {
    std::string name;
    uint64_t position = 0;
    int64_t offset = 0;
};

std::string describe(const Damage& damage, int64_t whole_from) {
    return fmt::format(
        "{} is damaged at byte {}, where offset {} should be, and whole again from offset {} on",
        damage.name, damage.position, damage.offset, whole_from);
}

// Reads a segment up to its end, or to the first batch that is not whole: then gives where that is.
// `next_offset` is that of the batch to come, before and afterwards.
std::expected<std::optional<uint64_t>, std::string> find_damage(const storage::File& file,
                                                                int64_t& next_offset) {
    const auto size = file.size();
    if (!size) return unexpected(size.error().message());
    storage::BatchScanner scanner(file, 0, *size, storage::BatchScanner::bulk_window_bytes);
    for (;;) {
        const uint64_t position = scanner.position();
        const auto batch = scanner.next();
        if (batch && !*batch) return std::nullopt;
        const auto bytes = batch ? scanner.bytes() : unexpected(batch.error());
        if (!bytes && bytes.error() != ErrorCode::corrupt_message)
            return unexpected(std::string(protocol::name(bytes.error())));
        if (!bytes || (*batch)->base_offset < next_offset || !storage::has_valid_checksum(*bytes))
            return position;
        next_offset = (*batch)->next_offset();
    }
}

// The offset of the first whole batch at or behind `position` that comes after `offset`. It may
// begin at any byte, as what is before it is damaged.
std::optional<int64_t> find_whole_batch(protocol::Bytes bytes, uint64_t position, int64_t offset) {
    for (; position + protocol::batch_header_bytes <= bytes.size(); ++position) {
        const auto rest = bytes.subspan(position);
        const auto batch = storage::parse_batch_header(rest, position);
        if (!batch || batch->magic != 2 || batch->base_offset <= offset) continue;
        if (batch->size_bytes <= rest.size() &&
            storage::has_valid_checksum(rest.first(batch->size_bytes)))
            return batch->base_offset;
    }
    return std::nullopt;
}

// Each batch is on the disk before the next one is written: a crash tears the last one, which is
// cut. To cut at any other would take topics away that somebody was told of.
std::expected<void, std::string> check_files(storage::FileSystem& files,
                                             const std::string& directory, int64_t log_start) {
    if (!files.exists(directory)) return {};
    const auto names = files.list(directory);
    if (!names) return failure(directory, names.error());
    std::optional<int64_t> next_offset;
    std::optional<Damage> damage;
    for (const std::string& name : *names) {  // sorted, and so in the order of their offsets
        const auto parsed = storage::parse_segment_file_name(name);
        if (!parsed || parsed->kind != storage::SegmentFile::log ||
            parsed->leftover != storage::Leftover::none)
            continue;
        const std::string path = fmt::format("{}/{}", directory, name);
        // What is below the log's start goes segment by segment, in any order.
        const int64_t expected = std::max(next_offset.value_or(parsed->offset), log_start);
        if (!damage && parsed->offset > expected && next_offset)
            return unexpected(fmt::format("the records from offset {} to {} are not there",
                                          expected, parsed->offset - 1));
        uint64_t search_from = 0;
        if (!damage) {
            const auto file = files.open(path, storage::FileSystem::Open::read);
            if (!file) return failure(name, file.error());
            next_offset = parsed->offset;
            const auto position = find_damage(**file, *next_offset);
            if (!position) return unexpected(fmt::format("{}: {}", name, position.error()));
            if (!*position) continue;
            damage = {.name = name, .position = **position, .offset = *next_offset};
            search_from = **position + 1;
        }
        const auto bytes = storage::read_whole(files, path);
        if (!bytes) return failure(name, bytes.error());
        if (const auto whole = find_whole_batch(*bytes, search_from, damage->offset))
            return unexpected(describe(*damage, *whole));
    }
    return {};
}

std::vector<MetadataRecord> initial_features() {
    std::vector<MetadataRecord> records;
    for (const Feature& feature : features)
        records.emplace_back(protocol::FeatureLevelRecord{.name = std::string(feature.name),
                                                          .feature_level = feature.initial});
    return records;
}

}  // namespace

std::expected<MetadataLog, std::string> MetadataLog::open(
    storage::FileSystem& files, const std::string& data_directory, const OpenOptions& options,
    const std::function<void(const MetadataRecord&)>& visit) {
    MetadataLog log(files, fmt::format("{}/{}-0", data_directory, metadata_topic), options);
    if (auto loaded = log.load(visit); !loaded)
        return unexpected(fmt::format("{}: {}", log.directory_, loaded.error()));
    return log;
}

std::string MetadataLog::path_of(std::string_view name) const {
    return fmt::format("{}/{}", directory_, name);
}

std::string MetadataLog::bootstrap_path() const {
    return fmt::format("{}/{}", storage::parent_directory(directory_), bootstrap_file);
}

std::expected<void, std::string> MetadataLog::load(
    const std::function<void(const MetadataRecord&)>& visit) {
    auto newest = find_snapshot();
    if (!newest) return unexpected(newest.error());
    int64_t from = 0;
    if (*newest) {
        const auto& [id, snapshot] = **newest;
        from = id.end_offset;
        epoch_ = id.epoch;
        voter_set_ = snapshot.voter_set;
        if (id == formatted_snapshot)
            bootstrap_ = snapshot.records;
        else
            for (const MetadataRecord& record : snapshot.records) visit(record);
    }
    if (auto checked = check_files(*files_, directory_, from); !checked) return checked;
    auto log = storage::Log::open(*files_, directory_,
                                  // Nobody reads the segments below a snapshot any more.
                                  {.config = {.file_delete_delay_ms = 0},
                                   .topic_id = metadata_topic_id,
                                   .log_start_offset = from,
                                   .now_ms = options_.now_ms});
    if (!log)
        return unexpected(fmt::format("it cannot be opened: {}", protocol::name(log.error())));
    log_ = std::move(*log);
    if (const auto bytes = log_->recovery().bytes_cut; bytes > 0)
        spdlog::warn("{}: cut {} bytes of an unfinished write", directory_, bytes);
    if (log_->log_start_offset() > from)
        return unexpected(fmt::format(
            "it begins at offset {}, and there is no snapshot of what was " "before that",
            log_->log_start_offset()));
    // A topic is in the log before its partitions are on the disk.
    if (log_->log_end_offset() == 0 && options_.has_partitions)
        return unexpected(
            "there is nothing in it, and there are partitions: the metadata log was lost, or the "
            "directory is one of a Kafka with ZooKeeper");
    if (!*newest && log_->log_end_offset() == 0)
        if (auto formatted = format(); !formatted) return formatted;
    if (auto loaded = load_log(from, visit); !loaded) return loaded;
    epoch_ = std::max(epoch_, log_->leader_epochs().latest());
    if (auto loaded = load_quorum_state(); !loaded) return loaded;
    return check_voters();
}

std::expected<void, std::string> MetadataLog::load_log(
    int64_t from, const std::function<void(const MetadataRecord&)>& visit) {
    BatchReplay replay(visit, std::move(voter_set_));
    std::string problem;
    const auto visited = storage::for_each_batch(
        *log_, from, log_->log_end_offset(), read_bytes_max,
        [&](const protocol::BatchView& batch) -> std::expected<void, ErrorCode> {
            const auto replayed = replay.replay(batch);
            note_appended(batch.size_bytes(), replay.last_timestamp_ms());
            if (replayed) return {};
            problem = replayed.error();
            return unexpected(ErrorCode::unsupported_version);
        });
    if (!problem.empty()) return unexpected(problem);
    if (!visited)
        return unexpected(fmt::format("it cannot be read: {}", protocol::name(visited.error())));
    voter_set_ = replay.voter_set();
    is_in_transaction_ = replay.is_in_transaction();
    return {};
}

std::expected<std::vector<SnapshotId>, std::error_code> MetadataLog::list_snapshots() const {
    std::vector<SnapshotId> ids;
    if (!files_->exists(directory_)) return ids;
    const auto names = files_->list(directory_);
    if (!names) return unexpected(names.error());
    for (const std::string& name : *names)
        if (const auto id = parse_snapshot_file_name(name)) ids.push_back(*id);
    return ids;
}

std::expected<std::optional<std::pair<SnapshotId, Snapshot>>, std::string>
MetadataLog::find_snapshot() {
    if (const auto names = files_->list(directory_)) {
        for (const std::string& name : *names)
            if (is_leftover_of_snapshot(name)) (void)files_->remove(path_of(name));
    }
    auto ids = list_snapshots();
    if (!ids) return failure(directory_, ids.error());
    std::ranges::sort(*ids, std::greater());
    for (const SnapshotId& id : *ids) {
        const std::string name = snapshot_file_name(id);
        const auto bytes = storage::read_whole(*files_, path_of(name));
        if (!bytes) return failure(name, bytes.error());
        auto snapshot = decode_snapshot(*bytes);
        if (snapshot) return std::pair(id, std::move(*snapshot));
        if (!snapshot.error().is_damage)
            return unexpected(fmt::format("{}: {}", name, snapshot.error().message));
        // An older one does as well, as long as the log still has what came after it.
        spdlog::warn("{}: {}", path_of(name), snapshot.error().message);
    }
    return std::nullopt;
}

std::expected<void, std::string> MetadataLog::format() {
    voter_set_ = only_voter(options_);
    bootstrap_ = initial_features();
    const std::string name = snapshot_file_name(formatted_snapshot);
    const Snapshot snapshot{.voter_set = voter_set_,
                            .records = bootstrap_,
                            .last_contained_log_timestamp_ms = options_.now_ms};
    auto made = files_->create_directories(directory_);
    if (made)
        made = storage::put_whole(
            *files_, path_of(name), path_of(name) + ".part",
            encode_snapshot(snapshot, formatted_snapshot.epoch, options_.now_ms));
    if (!made) return failure(name, made.error());
    return {};
}

std::expected<void, std::string> MetadataLog::load_quorum_state() {
    const auto contents = storage::read_whole(*files_, path_of(quorum_state_file));
    if (!contents) {
        if (contents.error() == std::errc::no_such_file_or_directory) return {};
        return failure(quorum_state_file, contents.error());
    }
    const auto state = decode_quorum_state(storage::as_text(*contents));
    if (!state) {
        // The log knows of every epoch in which something was written.
        spdlog::warn("{}: cannot be read", path_of(quorum_state_file));
        return {};
    }
    epoch_ = std::max(epoch_, state->leader_epoch);
    const auto is_other = [&](int32_t voter) { return voter != options_.node_id; };
    if (std::ranges::any_of(state->voters, is_other))
        return unexpected(fmt::format("node {} is not its only voter; einmal is a cluster of one",
                                      options_.node_id));
    return {};
}

std::expected<void, std::string> MetadataLog::check_voters() const {
    if (voter_set_.kraft_version > 1)
        return unexpected(
            fmt::format("its kraft.version is {}, and 1 is the last one that is known here",
                        voter_set_.kraft_version));
    if (!voter_set_.voters) return {};
    const auto& voters = voter_set_.voters->voters;
    if (voters.size() == 1 && voters.front().voter_id == options_.node_id &&
        voters.front().voter_directory_id == options_.directory_id)
        return {};
    return unexpected(
        fmt::format("node {} with this directory is not its only voter; einmal is a cluster of one",
                    options_.node_id));
}

std::expected<void, ErrorCode> MetadataLog::begin_epoch(int64_t now_ms) {
    const int32_t epoch = epoch_ + 1;
    const std::string state =
        encode_quorum_state(options_.node_id, epoch, voter_set_.kraft_version);
    // Like the log itself it comes with the directory, which the log makes with the first append.
    if (!files_->create_directories(directory_) ||
        !storage::put_whole(*files_, path_of(quorum_state_file),
                            path_of(quorum_state_file) + ".tmp", storage::as_bytes(state)))
        return unexpected(ErrorCode::kafka_storage_error);
    epoch_ = epoch;

    ControlBatch batch(epoch_, log_->log_end_offset(), now_ms);
    batch.add(protocol::LeaderChangeMessage{.leader_id = options_.node_id,
                                            .voters = {{.voter_id = options_.node_id}},
                                            .granting_voters = {{.voter_id = options_.node_id}}});
    if (log_->log_end_offset() == 0) batch.add(voter_set_);
    auto bytes = batch.build();
    if (auto appended = log_->append(bytes, epoch_, now_ms); !appended)
        return unexpected(appended.error());
    note_appended(bytes.size(), now_ms);
    // Before the next batch: a crash may tear the last one, and none before it.
    if (auto flushed = log_->flush(); !flushed) return flushed;
    if (!is_in_transaction_) return {};
    is_in_transaction_ = false;
    const MetadataRecord abort =
        protocol::AbortTransactionRecord{.reason = "The controller stopped in the middle."};
    return append({&abort, 1}, /*metadata_version=*/0, now_ms);
}

std::expected<std::vector<MetadataRecord>, std::string> MetadataLog::bootstrap_records() const {
    if (!bootstrap_.empty()) return bootstrap_;
    // Kafka before 4.4 wrote them to a file of their own.
    const auto contents = storage::read_whole(*files_, bootstrap_path());
    if (!contents && contents.error() != std::errc::no_such_file_or_directory)
        return failure(bootstrap_path(), contents.error());
    if (!contents) return initial_features();
    auto snapshot = decode_snapshot(*contents);
    if (!snapshot)
        return unexpected(fmt::format("{}: {}", bootstrap_path(), snapshot.error().message));
    return std::move(snapshot->records);
}

std::expected<void, ErrorCode> MetadataLog::append(std::span<const MetadataRecord> records,
                                                   int16_t metadata_version, int64_t now_ms) {
    if (records.empty()) return {};
    protocol::BatchBuilder builder({.partition_leader_epoch = epoch_});
    for (const MetadataRecord& record : records) {
        const auto value = encode(record, metadata_version);
        builder.add(now_ms, std::nullopt, value);
    }
    auto batch = builder.build();
    const auto appended = log_->append(batch, epoch_, now_ms);
    if (!appended) return unexpected(appended.error());
    note_appended(batch.size(), now_ms);
    // Rare, and everything else follows from it: on the disk before anybody is told.
    return log_->flush();
}

void MetadataLog::note_appended(size_t bytes, int64_t now_ms) {
    if (bytes_since_snapshot_ == 0) first_since_snapshot_ms_ = now_ms;
    bytes_since_snapshot_ += static_cast<int64_t>(bytes);
    last_timestamp_ms_ = now_ms;
}

bool MetadataLog::is_snapshot_due(int64_t now_ms) const {
    const SnapshotPolicy& policy = options_.snapshots;
    if (bytes_since_snapshot_ >= policy.bytes_max) return true;
    return policy.interval_max_ms > 0 && bytes_since_snapshot_ > 0 &&
           now_ms - first_since_snapshot_ms_ >= policy.interval_max_ms;
}

std::expected<MetadataLog::SnapshotJob, ErrorCode> MetadataLog::begin_snapshot(int64_t now_ms) {
    bytes_since_snapshot_ = 0;
    // A segment of its own for what follows, so that all before it can go.
    if (auto rolled = log_->roll(now_ms); !rolled) return unexpected(rolled.error());
    const SnapshotId id{.end_offset = log_->log_end_offset(), .epoch = epoch_};
    return SnapshotJob{.id = id,
                       .path = path_of(snapshot_file_name(id)),
                       .snapshot = {.voter_set = voter_set_,
                                    .last_contained_log_timestamp_ms = last_timestamp_ms_},
                       .now_ms = now_ms};
}

bool MetadataLog::SnapshotJob::write(storage::FileSystem& files) const {
    const auto written = write_snapshot(files, path, encode_snapshot(snapshot, id.epoch, now_ms));
    if (!written) spdlog::error("{} cannot be written: {}", path, written.error().message());
    return written.has_value();
}

void MetadataLog::end_snapshot(const SnapshotJob& job) {
    // What stays for now goes with the next one, or at the next start.
    if (const auto raised = log_->raise_log_start_offset(job.id.end_offset); !raised)
        spdlog::warn("{}: old segments cannot be removed: {}", directory_,
                     protocol::name(raised.error()));
    for (const std::string& path : log_->take_deleted_files(options_.now_ms))
        (void)files_->remove(path);
    const auto ids = list_snapshots();
    if (!ids) return;
    for (const SnapshotId& id : *ids)
        if (id < job.id) (void)files_->remove(path_of(snapshot_file_name(id)));
}

}  // namespace broker::metadata
