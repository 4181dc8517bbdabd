// Verifies that the checkpoints of a data directory name partitions that are there.
#pragma once

#include <string>
#include <vector>

#include "tools/inspect/verify/data_directory.h"
#include "tools/inspect/verify/findings.h"

namespace inspect {

// Entries of partitions without a directory. `others`: the directories of the same broker that were
// named as well.
void check_absent_partitions(const DataDirectory& directory,
                             const std::vector<const DataDirectory*>& others, Findings& findings);

}  // namespace inspect
