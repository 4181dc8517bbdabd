// Of the metadata log: what it says of topics, and whether its own files are sound.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "protocol/types.h"
#include "storage/file_system.h"
#include "tools/inspect/verify/findings.h"

namespace inspect {

// The topics that there are, by the newest snapshot and what follows it in the log.
struct KnownTopics {
    bool is_known = false;  // There is a metadata log.
    std::map<std::string, protocol::Uuid> ids;
    std::set<std::string> compacted;  // by their own cleanup.policy
};
// `directory`: that of __cluster_metadata-0. Damage is not reported: what cannot be read is
// skipped.
KnownTopics read_topics(storage::FileSystem& files, const std::string& directory);

// A .checkpoint file of batches: each sound, a header in front and a footer at the end.
void verify_metadata_snapshot(storage::FileSystem& files, const std::string& path,
                              Findings& findings);
void verify_quorum_state(storage::FileSystem& files, const std::string& path, Findings& findings);

}  // namespace inspect
