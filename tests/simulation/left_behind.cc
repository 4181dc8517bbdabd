#include "tests/simulation/left_behind.h"

#include <functional>
#include <sstream>

#include "tools/inspect/verify/metadata_check.h"
#include "tools/inspect/verify/verify_directory.h"
#include "tools/inspect/verify/verify_log.h"

namespace simulation {

namespace {

std::string violations_of(const std::function<void(inspect::Findings&)>& verify) {
    std::ostringstream out;
    inspect::Printer printer(out, inspect::Format::text);
    inspect::Findings findings(printer);
    verify(findings);
    printer.flush();
    return findings.violation_count() > 0 ? out.str() : std::string();
}

}  // namespace

std::string violations_in(storage::FileSystem& files, const std::string& path, int64_t now_ms,
                          int64_t producer_expiration_ms) {
    if (!files.exists(path)) return {};  // A log makes its directory with its first record.
    return violations_of([&](inspect::Findings& findings) {
        const inspect::NamedDirectory directory{.path = path};
        inspect::verify_directories(
            files, {&directory, 1},
            {.now_ms = now_ms, .producer_expiration_ms = producer_expiration_ms}, findings);
    });
}

std::string violations_in_compacted(storage::FileSystem& files, const std::string& path,
                                    int64_t now_ms, int64_t producer_expiration_ms) {
    if (!files.exists(path)) return {};
    return violations_of([&](inspect::Findings& findings) {
        inspect::verify_log(files, path,
                            {.may_be_compacted = true,
                             .now_ms = now_ms,
                             .producer_expiration_ms = producer_expiration_ms},
                            findings);
    });
}

std::string violations_in_metadata(storage::FileSystem& files, const std::string& directory) {
    return violations_of([&](inspect::Findings& findings) {
        (void)inspect::check_metadata(files, directory, /*is_in_use=*/false, &findings);
    });
}

}  // namespace simulation
