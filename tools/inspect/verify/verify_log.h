// Verifies the files of one partition: every batch, what lies beside the log, and whether the two
// agree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/types.h"
#include "storage/file_system.h"
#include "tools/inspect/verify/findings.h"

namespace inspect {

// What is known of a log from elsewhere.
struct LogOptions {
    bool may_be_compacted = false;
    bool is_metadata = false;  // It has files that only the metadata log has.
    // A broker is writing: the end of the log, and of what lies beside it, may be under way.
    bool is_in_use = false;
    // The topic's id in the metadata log; nullopt: the topic, or the log, is not there.
    std::optional<protocol::Uuid> topic_id;
    int64_t now_ms = 0;
    int64_t producer_expiration_ms = 0;
};

// Between which offsets the log lies.
struct LogExtent {
    int64_t start_offset = 0;
    int64_t end_offset = 0;
    bool is_end_known = true;  // not where the last segment is damaged
};

LogExtent verify_log(storage::FileSystem& files, const std::string& directory,
                     const LogOptions& options, Findings& findings);

}  // namespace inspect
