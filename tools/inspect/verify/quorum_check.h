// Verifies who leads and who votes in the metadata log (KIP-595, KIP-853): quorum-state, the voters
// in the log, and meta.properties have to agree.
#pragma once

#include <string>

#include "storage/file_system.h"
#include "storage/meta_properties.h"
#include "tools/inspect/verify/findings.h"
#include "tools/inspect/verify/metadata_check.h"

namespace inspect {

// `directory`: that of __cluster_metadata-0. `metadata` null: it is not known what the log says.
// `properties` null: nor whose it is.
void check_quorum(storage::FileSystem& files, const std::string& directory,
                  const Metadata* metadata, const storage::MetaProperties* properties,
                  Findings& findings);

// Whether a data directory is another broker's, by what brokers have registered.
void check_registration(const std::string& path, const Metadata& metadata,
                        const storage::MetaProperties& properties, Findings& findings);

}  // namespace inspect
