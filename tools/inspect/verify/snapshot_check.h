// Verifies one file of KRaft's snapshots by itself: <end offset>-<epoch>.checkpoint (KIP-630), or
// bootstrap.checkpoint.
#pragma once

#include <memory>
#include <string>

#include "storage/file_system.h"
#include "tools/inspect/verify/findings.h"
#include "tools/inspect/verify/image_replay.h"

namespace inspect {

// What it says; null when it is not sound, or not understood. `findings` null: nobody is told.
// While a broker runs, a snapshot may be removed: `is_in_use`.
std::unique_ptr<ImageReplay> check_snapshot(storage::FileSystem& files, const std::string& path,
                                            bool is_in_use, Findings* findings);

}  // namespace inspect
