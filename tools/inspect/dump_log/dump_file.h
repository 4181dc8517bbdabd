// Dumps one file of each kind, as Apache Kafka's tool does where it knows the kind.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "storage/file_system.h"
#include "tools/inspect/dump_log/dump_options.h"
#include "tools/inspect/dump_log/file_kind.h"
#include "tools/inspect/dump_log/printer.h"

namespace inspect {

// What dumping takes. Faults that Kafka's tool finds go to `complaints`, in its words.
struct DumpContext {
    storage::FileSystem& files;
    const DumpOptions& options;
    PayloadDecoder decoder = PayloadDecoder::strings;
    Printer& printer;
    std::ostream& complaints;
};

// Return false when the file could not be read, and have complained then.

// .log and .checkpoint files with batches
bool dump_batches(const DumpContext& context, const std::string& path);
bool dump_index(const DumpContext& context, const std::string& path, int64_t base_offset);
bool dump_time_index(const DumpContext& context, const std::string& path, int64_t base_offset);
bool dump_transaction_index(const DumpContext& context, const std::string& path);
bool dump_producer_snapshot(const DumpContext& context, const std::string& path);
// checkpoints, leader epochs, meta.properties, partition.metadata, quorum-state
bool dump_side_file(const DumpContext& context, const std::string& path, FileKind kind);

// Says why, and gives false.
bool complain(const DumpContext& context, const std::string& path, std::string_view why);

}  // namespace inspect
