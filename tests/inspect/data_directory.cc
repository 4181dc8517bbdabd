#include "tests/inspect/data_directory.h"

#include <doctest/doctest.h>

#include "broker/metadata/cluster_image.h"
#include "broker/metadata/metadata_topic.h"
#include "broker/metadata/quorum_state.h"
#include "broker/metadata/snapshot_file.h"
#include "protocol/uuid.h"
#include "storage/log_directory.h"
#include "tests/support/batches.h"

namespace data_directory {

namespace {

using broker::metadata::ControlBatch;
using broker::metadata::encode;
using broker::metadata::encode_snapshot;
using broker::metadata::MetadataRecord;
using protocol::ControlType;
using protocol::Uuid;
using storage::Log;
using storage::LogConfig;
using storage::LogDirectory;
using support::SimulatedFileSystem;

const storage::PartitionName name{"t", 0};
constexpr int16_t metadata_version = 30;

LogConfig config() {
    LogConfig config;
    config.index_interval_bytes = 1;
    return config;
}

Blob plain(int32_t records) { return support::build_batch({.record_count = records}); }

Blob of_producer(int64_t id, int32_t sequence, int32_t records, bool transactional) {
    return support::build_batch({.record_count = records,
                                 .producer_id = id,
                                 .producer_epoch = 0,
                                 .base_sequence = sequence,
                                 .transactional = transactional});
}

Blob abort_of(int64_t id) {
    return support::build_marker({.producer_id = id, .outcome = ControlType::abort});
}

// The metadata log as a controller writes it.
class MetadataWriter {
  public:
    explicit MetadataWriter(SimulatedFileSystem& files) : files_(files) {
        REQUIRE(files.create_directories(metadata));
        auto log = Log::open(files, metadata.substr(0, metadata.size() - 1),
                             {.topic_id = broker::metadata::metadata_topic_id});
        REQUIRE(log);
        log_ = std::move(*log);
    }

    void begin_epoch() {
        ++epoch_;
        ControlBatch batch(epoch_, log_->log_end_offset(), now_ms);
        batch.add(protocol::LeaderChangeMessage{.leader_id = 1});
        if (log_->log_end_offset() == 0) batch.add(voters_);
        append(batch.build());
    }
    void add(const std::vector<MetadataRecord>& records) {
        protocol::BatchBuilder batch({.partition_leader_epoch = epoch_});
        for (const MetadataRecord& record : records) {
            image_.replay(record);
            batch.add(now_ms, std::nullopt, encode(record, metadata_version));
        }
        append(batch.build());
    }
    void write_snapshot(const std::string& file) {
        broker::metadata::Snapshot snapshot{.voter_set = voters_};
        image_.for_each_record(
            [&](const MetadataRecord& record) { snapshot.records.push_back(record); });
        files_.overwrite(file, encode_snapshot(snapshot, epoch_, now_ms));
    }
    void roll() { REQUIRE(log_->roll(now_ms)); }
    void close() {
        REQUIRE(log_->close());
        const auto state = broker::metadata::encode_quorum_state(1, epoch_, 1);
        files_.overwrite(metadata + "quorum-state", storage::as_bytes(state));
    }

  private:
    void append(Blob batch) { REQUIRE(log_->append(batch, epoch_, now_ms)); }

    SimulatedFileSystem& files_;
    std::unique_ptr<Log> log_;
    const broker::config::BrokerValues values_;
    broker::metadata::ClusterImage image_{values_};
    broker::metadata::VoterSet voters_{
        .kraft_version = 1,
        .voters = protocol::VotersRecord{
            .voters = {{.voter_id = 1, .voter_directory_id = directory_id}}}};
    int32_t epoch_ = 0;
};

protocol::PartitionRecord partition_of_t(int32_t index, const Uuid& directory) {
    return {.partition_id = index,
            .topic_id = topic_id,
            .replicas = {1},
            .isr = {1},
            .leader = 1,
            .leader_epoch = 0,
            .partition_epoch = 0,
            .directories = {directory}};
}

void write_metadata_log(SimulatedFileSystem& files) {
    MetadataWriter writer(files);
    const protocol::FeatureLevelRecord feature{.name = "metadata.version", .feature_level = 30};
    files.overwrite(path + "/bootstrap.checkpoint",
                    encode_snapshot({.records = {feature}}, 0, now_ms));
    writer.write_snapshot(formatted);
    writer.begin_epoch();   // 0, with who votes
    writer.add({feature});  // 3
    writer.add({protocol::RegisterBrokerRecord{
        .broker_id = 1, .log_dirs = {directory_id, other_directory_id}}});  // 4
    writer.add({protocol::TopicRecord{.name = "t", .topic_id = topic_id},
                partition_of_t(0, directory_id), partition_of_t(1, other_directory_id)});  // 5
    writer.add({protocol::TopicRecord{.name = "gone", .topic_id = uuid(8)},
                protocol::PartitionRecord{.partition_id = 0, .topic_id = uuid(8)}});  // 8
    writer.write_snapshot(older);
    writer.add({protocol::RemoveTopicRecord{.topic_id = uuid(8)}});  // 10
    writer.begin_epoch();                                            // 11
    writer.add(
        {protocol::PartitionChangeRecord{.partition_id = 0, .topic_id = topic_id, .leader = 1},
         protocol::ConfigRecord{.resource_type = 2,
                                .resource_name = "t",
                                .name = "retention.ms",
                                .value = "5"}});  // 12
    writer.add({protocol::NoOpRecord{}});         // 14
    writer.write_snapshot(newer);
    writer.roll();
    writer.add({protocol::ProducerIdsRecord{.next_producer_id = 1000}});  // 15
    writer.close();
}

void write_partition(Log& log) {
    append(log, plain(3), 0);                     // 0
    append(log, of_producer(7, 0, 2, false), 0);  // 3
    append(log, of_producer(8, 0, 2, true), 0);   // 5
    append(log, plain(2), 0);                     // 7
    append(log, abort_of(8), 0);                  // 9
    REQUIRE(log.roll(now_ms));
    append(log, of_producer(7, 2, 1, false));  // 10
    append(log, of_producer(9, 0, 2, true));   // 11
    append(log, of_producer(8, 2, 1, true));   // 13
    append(log, abort_of(9));                  // 14, while 8 is open
    append(log, abort_of(8));                  // 15
    append(log, plain(1));                     // 16
    REQUIRE(log.roll(now_ms));
    append(log, of_producer(7, 3, 2, false));  // 17
    append(log, plain(2));                     // 19
    append(log, plain(2));                     // 21
}

std::unique_ptr<LogDirectory> open_directory(SimulatedFileSystem& files, const std::string& at,
                                             const Uuid& id) {
    auto directory = LogDirectory::open(
        files, at,
        {.cluster_id = protocol::to_string(uuid(2)), .random_uuid = [&id] { return id; }});
    REQUIRE(directory);
    return std::move(*directory);
}

void close(LogDirectory& directory, const storage::PartitionName& partition_name, Log& log) {
    REQUIRE(log.close());
    const storage::PartitionCheckpoint checkpoint{.name = partition_name,
                                                  .topic_id = topic_id,
                                                  .recovery_point = log.recovery_point(),
                                                  .high_watermark = log.log_end_offset()};
    REQUIRE(directory.close({&checkpoint, 1}, 1));
}

}  // namespace

void append(Log& log, Blob batch, int32_t leader_epoch) {
    protocol::set_max_timestamp(batch, protocol::TimestampType::log_append_time,
                                now_ms + log.log_end_offset());
    REQUIRE(log.append(batch, leader_epoch, now_ms));
}

Uuid uuid(uint8_t number) {
    Uuid id;
    id.bytes[0] = std::byte{number};
    return id;
}

void make(SimulatedFileSystem& files, const std::function<void(Log&)>& add) {
    const auto directory = open_directory(files, path, directory_id);
    write_metadata_log(files);
    auto log = directory->open_log(name, topic_id, config(), now_ms);
    REQUIRE(log);
    write_partition(**log);
    REQUIRE((*log)->log_end_offset() == end_offset);
    add(**log);
    close(*directory, name, **log);
}

void make_other(SimulatedFileSystem& files) {
    const auto directory = open_directory(files, other_path, other_directory_id);
    auto log = directory->open_log({"t", 1}, topic_id, config(), now_ms);
    REQUIRE(log);
    append(**log, plain(3));
    close(*directory, {"t", 1}, **log);
}

void edit(SimulatedFileSystem& files, const std::string& file,
          const std::function<void(Blob&)>& change) {
    Blob contents = files.contents(file);
    change(contents);
    files.overwrite(file, contents);
}

std::vector<std::string> all_files(const storage::FileSystem& files) {
    std::vector<std::string> found;
    for (const std::string& directory : {path, path + "/t-0", path + "/__cluster_metadata-0"}) {
        const auto names = files.list(directory);
        REQUIRE(names);
        for (const auto& file : *names)
            if (!files.is_directory(directory + '/' + file))
                found.push_back(directory + '/' + file);
    }
    return found;
}

}  // namespace data_directory
