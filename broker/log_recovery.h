// The logs that a crash left, opened before anyone asks for them: what is not known to be whole is
// read and checked, several logs at a time.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <vector>

#include "broker/metadata/cluster_image.h"
#include "storage/log_directories.h"

namespace broker {

struct RecoveredLog {
    metadata::TopicRef topic;
    int32_t partition = 0;
    // Errors: those of LogDirectories::open_log.
    std::expected<std::unique_ptr<storage::Log>, protocol::ErrorCode> log;
};

// All logs that were found in the directories and belong to a topic. `thread_count` of them are
// read at the same time (num.recovery.threads.per.data.dir); with 1 it is the calling thread that
// does it. Requires: none of them is open.
std::vector<RecoveredLog> recover_logs(const storage::LogDirectories& directories,
                                       const metadata::ClusterImage& image, int thread_count,
                                       int64_t now_ms);

}  // namespace broker
