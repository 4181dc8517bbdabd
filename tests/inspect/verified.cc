#include "tests/inspect/verified.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <sstream>

#include "tests/inspect/data_directory.h"
#include "tools/inspect/verify/verify_directory.h"

namespace verified {

namespace {

std::vector<json> findings_of(SimulatedFileSystem& files,
                              const std::vector<inspect::NamedDirectory>& directories) {
    std::ostringstream out;
    inspect::Printer printer(out, inspect::Format::json);
    inspect::Findings findings(printer);
    inspect::verify_directories(files, directories, {.now_ms = data_directory::now_ms + 1'000},
                                findings);
    printer.flush();
    std::vector<json> found;
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) found.push_back(json::parse(line));
    return found;
}

}  // namespace

std::vector<json> findings_in(SimulatedFileSystem& files, bool is_in_use) {
    return findings_of(files, {{.path = data_directory::path, .is_in_use = is_in_use}});
}

std::vector<json> findings_in(SimulatedFileSystem& files, const std::vector<std::string>& paths) {
    std::vector<inspect::NamedDirectory> directories;
    for (const auto& path : paths) directories.push_back({.path = path});
    return findings_of(files, directories);
}

std::string text_of(const std::vector<json>& findings) {
    std::string text;
    for (const auto& finding : findings) text += finding.dump() + '\n';
    return text;
}

void check_only(SimulatedFileSystem& files, std::string_view type, std::string_view rule,
                const std::string& file, std::optional<uint64_t> position) {
    const auto found = findings_in(files);
    REQUIRE_MESSAGE(found.size() == 1, text_of(found));
    CHECK_MESSAGE(found[0]["type"] == type, text_of(found));
    CHECK_MESSAGE(found[0]["rule"] == rule, text_of(found));
    CHECK_MESSAGE(found[0]["file"].get<std::string>().starts_with(file), text_of(found));
    if (position) CHECK_MESSAGE(found[0]["position"] == *position, text_of(found));
}

void check_violation(SimulatedFileSystem& files, std::string_view rule, const std::string& file,
                     std::optional<uint64_t> position) {
    check_only(files, "violation", rule, file, position);
}

void check_violation_says(SimulatedFileSystem& files, std::string_view rule,
                          const std::string& file, const std::string& what) {
    check_violation(files, rule, file);
    const auto found = findings_in(files);
    CHECK_MESSAGE(found[0]["what"].get<std::string>().contains(what), text_of(found));
}

void check_sound(SimulatedFileSystem& files) { CHECK(text_of(findings_in(files)) == ""); }

void check_each(const std::vector<Damage>& damages) {
    for (const auto& damage : damages) {
        CAPTURE(damage.name);
        SimulatedFileSystem files;
        data_directory::make(files);
        data_directory::edit(files, damage.file, damage.change);
        check_violation(files, damage.rule, damage.file, damage.position);
    }
}

std::function<void(Blob&)> flip(size_t position, uint8_t mask) {
    return [=](Blob& bytes) { bytes.at(position) ^= std::byte{mask}; };
}

std::function<void(Blob&)> cut(size_t bytes_fewer) {
    return [=](Blob& bytes) { bytes.resize(bytes.size() - bytes_fewer); };
}

std::function<void(Blob&)> extend(Blob with) {
    return [=](Blob& bytes) { bytes.insert(bytes.end(), with.begin(), with.end()); };
}

std::function<void(Blob&)> replace(std::string text) {
    return [=](Blob& bytes) {
        const auto view = storage::as_bytes(text);
        bytes.assign(view.begin(), view.end());
    };
}

uint64_t seed() {
    const char* told = std::getenv("EINMAL_SEED");
    return told ? std::stoull(told) : 1;
}

std::vector<size_t> batch_positions(SimulatedFileSystem& files, const std::string& file) {
    const Blob contents = files.contents(file);
    std::vector<size_t> positions;
    protocol::BatchCursor cursor(contents);
    for (size_t at = 0; const auto batch = cursor.next(); at += batch->size_bytes())
        positions.push_back(at);
    return positions;
}

}  // namespace verified
