// golden DIRECTORY: runs every vector in a directory of .jsonl and .jsonl.gz files against our
// codec and our record batches. Exit status 1 when one fails or none was run.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/golden/batches.h"
#include "tests/golden/messages.h"

namespace {

using namespace golden;

constexpr size_t complaints_max = 20;  // printed, of each file
constexpr size_t fact_length_max = 400;

std::vector<std::filesystem::path> vector_files(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        const std::string& name = entry.path().native();
        if (name.ends_with(".jsonl") || name.ends_with(".jsonl.gz")) files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

void add(Tally& total, const Tally& more) {
    total.passed += more.passed;
    total.failed += more.failed;
}

// All vectors of one file, with a line about them and one for each that failed.
Tally run_file(const std::filesystem::path& file) {
    size_t complaints = 0;
    const Complaint complain = [&](std::string_view vector, std::string_view fact) {
        if (++complaints > complaints_max) return;
        fmt::print("  FAILED {}: {}\n", vector, fact.substr(0, fact_length_max));
    };
    const MessageTally messages = run_messages(file, complain);
    Tally tally = messages;
    if (messages.batches > 0) add(tally, run_batches(file, complain));
    if (messages.damaged_batches > 0) add(tally, run_damaged_batches(file, complain));

    size_t not_covered = 0;
    std::string names;
    for (const auto& [name, count] : messages.not_covered) {
        not_covered += count;
        names += ' ' + name;
    }
    fmt::print("{}: {} run, {} passed, {} failed, {} not covered\n", file.filename().native(),
               tally.passed + tally.failed, tally.passed, tally.failed, not_covered);
    if (not_covered > 0) fmt::print("  not covered:{}\n", names);
    return tally;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: golden DIRECTORY\n");
        return 2;
    }
    Tally total;
    for (const auto& file : vector_files(argv[1])) add(total, run_file(file));
    fmt::print("{} passed, {} failed\n", total.passed, total.failed);
    return total.failed > 0 || total.passed == 0 ? 1 : 0;
}
