// `einmal dump-log --verify`: every invariant of whole data directories, or of single partitions.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "storage/file_system.h"
#include "tools/inspect/verify/findings.h"

namespace inspect {

struct VerifyOptions {
    int64_t now_ms = 0;
    int64_t producer_expiration_ms = 86'400'000;
};

// A data directory (what log.dirs names), or the directory of one partition.
struct NamedDirectory {
    std::string path;
    // A broker has it open, and writes to it.
    bool is_in_use = false;
};

// The data directories of one broker, by meta.properties, are looked at together: one of them has
// the metadata log, by which the partitions in all of them are measured.
void verify_directories(storage::FileSystem& files, std::span<const NamedDirectory> directories,
                        const VerifyOptions& options, Findings& findings);

// Whether `path` is in a data directory that a broker, this or Apache Kafka, has locked. Takes no
// lock, and makes no file.
bool is_in_use(const std::string& path);

}  // namespace inspect
