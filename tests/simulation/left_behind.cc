#include "tests/simulation/left_behind.h"

#include <sstream>

#include "tools/inspect/verify/verify_directory.h"

namespace simulation {

std::string violations_in(storage::FileSystem& files, const std::string& path, int64_t now_ms,
                          int64_t producer_expiration_ms) {
    if (!files.exists(path)) return {};  // A log makes its directory with its first record.
    std::ostringstream out;
    inspect::Printer printer(out, inspect::Format::text);
    inspect::Findings findings(printer);
    inspect::verify_directory(files, path,
                              {.now_ms = now_ms, .producer_expiration_ms = producer_expiration_ms},
                              findings);
    printer.flush();
    return findings.violation_count() > 0 ? out.str() : std::string();
}

}  // namespace simulation
