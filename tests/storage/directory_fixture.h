// A data directory, over several lives of its broker, for the tests of storage::LogDirectory.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/uuid.h"
#include "storage/log_directory.h"
#include "tests/support/batches.h"
#include "tests/support/simulated_file_system.h"

namespace directory_fixture {

using namespace storage;
using protocol::Uuid;
using support::Crash;
using support::SimulatedFileSystem;

inline constexpr int64_t now_ms = 1'000'000;

inline Uuid uuid(uint8_t number) {
    Uuid id;
    id.bytes.back() = std::byte{number};
    return id;
}

// A data directory, over several lives of its broker.
struct Broker {
    SimulatedFileSystem files;
    uint8_t uuids_given = 0;
    std::vector<std::string> warnings = {};
    std::unique_ptr<LogDirectory> directory;

    std::expected<std::unique_ptr<LogDirectory>, std::string> try_start(
        std::optional<std::string> cluster = std::nullopt, int32_t node_id = 1) {
        auto opened = LogDirectory::open(
            files, "/data",
            {.cluster_id = std::move(cluster),
             .node_id = node_id,
             .random_uuid = [this] { return uuid(++uuids_given); },
             .warn = [this](const std::string& text) { warnings.push_back(text); }});
        if (!opened) return std::unexpected(opened.error().message);
        return std::move(*opened);
    }
    void start() {
        auto opened = try_start();
        REQUIRE_MESSAGE(opened, opened.error());
        directory = std::move(*opened);
        REQUIRE(directory->begin_work());
    }
    void crash(Crash how = Crash::process_kill) {
        files.crash(how);
        directory.reset();
    }
    // A log with this many records.
    std::unique_ptr<Log> open(const PartitionName& name, const Uuid& topic_id) {
        auto log = directory->open_log(name, topic_id, {}, now_ms);
        REQUIRE(log);
        return std::move(*log);
    }
    std::string text(const std::string& name) const {
        return std::string(as_text(files.contents("/data/" + name)));
    }
};

inline void append(Log& log, int32_t record_count) {
    auto batch = support::build_batch({.record_count = record_count});
    REQUIRE(log.append(batch, 0, now_ms));
}

inline std::vector<PartitionCheckpoint> checkpoint_of(const PartitionName& name, const Log& log,
                                                      const Uuid& topic_id = uuid(9)) {
    return {{.name = name,
             .topic_id = topic_id,
             .recovery_point = log.recovery_point(),
             .log_start_offset = log.log_start_offset(),
             .high_watermark = log.log_end_offset()}};
}

inline const PartitionName orders{"orders", 0};
inline const PartitionName bills{"bills", 3};

// A log of three records that begins at this offset, which the checkpoints say.
inline std::unique_ptr<Log> open_checkpointed(Broker& broker, int64_t log_start_offset) {
    auto log = broker.open(orders, uuid(9));
    append(*log, 3);
    REQUIRE(log->raise_log_start_offset(log_start_offset));
    REQUIRE(log->flush());
    REQUIRE(broker.directory->write_checkpoints(checkpoint_of(orders, *log)));
    return log;
}

}  // namespace directory_fixture
