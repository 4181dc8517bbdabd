#include "tests/inspect/data_directory.h"

#include <doctest/doctest.h>

#include "protocol/stored/framing.h"
#include "protocol/stored/topic_records.h"
#include "protocol/uuid.h"
#include "storage/log_directory.h"
#include "tests/support/batches.h"

namespace data_directory {

namespace {

using protocol::ControlType;
using protocol::Uuid;
using storage::Log;
using storage::LogConfig;
using storage::LogDirectory;
using support::SimulatedFileSystem;

const storage::PartitionName name{"t", 0};

Uuid uuid(uint8_t number) {
    Uuid id;
    id.bytes.back() = std::byte{number};
    return id;
}

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

void write_metadata_log(SimulatedFileSystem& files) {
    auto log = Log::open(files, path + "/__cluster_metadata-0", {.topic_id = uuid(1)});
    REQUIRE(log);
    const auto value = protocol::encode_metadata_record(
        protocol::TopicRecord{.name = "t", .topic_id = uuid(9)}, 0);
    protocol::BatchBuilder builder({});
    builder.add(now_ms, std::nullopt, value);
    append(**log, builder.build());
    REQUIRE((*log)->close());
    const std::string state = R"({"leaderId":1,"leaderEpoch":1,"data_version":1})";
    REQUIRE(replace_whole(files, path + "/__cluster_metadata-0/quorum-state",
                          storage::as_bytes(state)));
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

}  // namespace

void append(Log& log, Blob batch, int32_t leader_epoch) {
    protocol::set_max_timestamp(batch, protocol::TimestampType::log_append_time,
                                now_ms + log.log_end_offset());
    REQUIRE(log.append(batch, leader_epoch, now_ms));
}

void make(SimulatedFileSystem& files, const std::function<void(Log&)>& add) {
    auto directory = LogDirectory::open(
        files, path,
        {.cluster_id = protocol::to_string(uuid(2)), .random_uuid = [] { return uuid(3); }});
    REQUIRE(directory);
    write_metadata_log(files);
    auto log = (*directory)->open_log(name, uuid(9), config(), now_ms);
    REQUIRE(log);
    write_partition(**log);
    REQUIRE((*log)->log_end_offset() == end_offset);
    add(**log);
    REQUIRE((*log)->close());
    const storage::PartitionCheckpoint checkpoint{.name = name,
                                                  .topic_id = uuid(9),
                                                  .recovery_point = (*log)->recovery_point(),
                                                  .high_watermark = (*log)->log_end_offset()};
    REQUIRE((*directory)->close({&checkpoint, 1}, 1));
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
