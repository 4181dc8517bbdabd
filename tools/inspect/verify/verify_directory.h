// `einmal dump-log --verify`: every invariant of whole data directories, or of single partitions.
#pragma once

#include <cstdint>
#include <string>

#include "storage/file_system.h"
#include "tools/inspect/verify/findings.h"

namespace inspect {

struct VerifyOptions {
    int64_t now_ms = 0;
    int64_t producer_expiration_ms = 86'400'000;
    // A broker has the directory open, and writes to it.
    bool is_in_use = false;
};

// A data directory (what log.dirs names), or the directory of one partition.
void verify_directory(storage::FileSystem& files, const std::string& path,
                      const VerifyOptions& options, Findings& findings);

// Whether `path` is in a data directory that a broker, this or Apache Kafka, has locked. Takes no
// lock, and makes no file.
bool is_in_use(const std::string& path);

}  // namespace inspect
