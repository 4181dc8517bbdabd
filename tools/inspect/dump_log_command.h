// `einmal dump-log`: prints what is in the files of a data directory, with the flags and the facts
// of Apache Kafka's kafka-dump-log, or says with --verify what is wrong with them.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "storage/file_system.h"

namespace inspect {

// Reads only. `arguments` without the command's name; returns the process's exit status: 0, 1 when
// a file could not be read or --verify found something wrong, 2 after a mistake in the flags.
int run_dump_log(storage::FileSystem& files, std::vector<std::string> arguments, std::ostream& out,
                 std::ostream& error);

}  // namespace inspect
