// Replays the metadata log: what it says of the cluster, and whether its snapshots say the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "broker/metadata/kraft_batches.h"
#include "storage/file_system.h"
#include "tools/inspect/verify/findings.h"
#include "tools/inspect/verify/image_replay.h"

namespace inspect {

// What the newest snapshot and the log behind it say.
struct Metadata {
    std::unique_ptr<ImageReplay> replay;
    std::set<std::string> compacted_topics;  // that are, or were since the log begins
    std::optional<broker::metadata::Leader> leader;
    int32_t epoch = 0;  // the newest
    bool has_records = false;

    const broker::metadata::ClusterImage& image() const { return replay->image(); }
};

// `directory`: that of __cluster_metadata-0. Nullopt: there is none, or what it begins with is
// gone. What is wrong with batches of the log is not said here: the log is verified as any other,
// and what is damaged is passed over. `findings` null: nobody is told anything.
std::optional<Metadata> check_metadata(storage::FileSystem& files, const std::string& directory,
                                       bool is_in_use, Findings* findings);

}  // namespace inspect
