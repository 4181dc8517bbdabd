#include "tests/golden/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "protocol/api.h"
#include "tests/golden/vector_file.h"
#include "tools/inspect/hex.h"
#include "tools/inspect/wire_command.h"

namespace golden {

namespace {

using inspect::WireReading;
using inspect::WireRefusal;
using nlohmann::json;

// What is wrong, in a few words; nullopt: nothing.
using Fact = std::optional<std::string>;

std::string subject_of(const json& line) {
    return line.contains("api") ? line.value("api", "") : line.value("schema", "?");
}

std::string name_of(const json& line, size_t number) {
    return fmt::format("line {}: {} {} v{} {}", number, subject_of(line), line.value("kind", ""),
                       line.value("version", -1), line.value("name", line.value("mode", "")));
}

// What the vector says of the API against protocol/api.h.
Fact check_api(const json& line) {
    if (!line.contains("api")) return {};
    const auto* api = protocol::find_api(line.value("key", int16_t{-1}));
    if (api == nullptr || api->name != line.value("api", "")) return "another name for the API key";
    const auto version = line.value("version", int16_t{-1});
    const bool is_made = line.contains("mode");  // damaged ones try other versions too
    if (is_made && !api->valid.contains(version)) return "the version is not in the API table";
    const bool is_flexible = api->flexible.contains(version);
    if (line.value("flexible", is_flexible) != is_flexible) return "flexible in one place only";
    const bool is_request = line.value("kind", "").starts_with("request");
    const int header_version =
        is_request ? api->request_header_version(version) : api->response_header_version(version);
    if (line.value("headerVersion", header_version) != header_version)
        return "another header version";
    return {};
}

// The bytes that Kafka writes for what it has read.
std::string expected_hex(const json& line, size_t left_over_bytes) {
    if (line.contains("canonical")) return line["canonical"];
    if (line.contains("rewritten")) return line["rewritten"];
    std::string hex = line["hex"];
    hex.resize(hex.size() - std::min(hex.size(), left_over_bytes * 2));
    return hex;
}

Fact check_encoded(const json& line, const WireReading& reading) {
    const std::string expected = expected_hex(line, reading.left_over_bytes);
    const std::string encoded = inspect::to_hex(reading.encoded);
    if (encoded == expected) return {};
    // Two deliberate differences, in damaged vectors only: Kafka sends unknown tags on, and puts
    // U+FFFD where a text is not UTF-8, while einmal drops the former and keeps a text as it is.
    json rewritten = line;
    rewritten["hex"] = expected;
    const auto kafkas = inspect::read_wire_line(rewritten);
    const bool is_damaged = line.contains("left");
    const bool has_replacement = reading.json.contains("\xEF\xBF\xBD");
    const bool has_dropped_tags = encoded.size() < expected.size();
    if (is_damaged && kafkas && kafkas->json == reading.json && kafkas->left_over_bytes == 0 &&
        (has_replacement || (has_dropped_tags && kafkas->encoded == reading.encoded)))
        return {};
    return fmt::format("written as {} and not {}", encoded, expected);
}

Fact check_accepted(const json& line, const WireReading& reading) {
    const json ours = json::parse(reading.json, nullptr, /*allow_exceptions=*/false);
    if (ours.is_discarded()) return "not JSON: " + reading.json;
    if (ours != line["json"]) return fmt::format("reads as {}", reading.json);
    if (line.contains("header") && json::parse(reading.header) != line["header"])
        return fmt::format("its header reads as {}", reading.header);
    if (reading.left_over_bytes != line.value("left", size_t{0}))
        return fmt::format("{} bytes are left over", reading.left_over_bytes);
    return check_encoded(line, reading);
}

void run_vector(const json& line, const std::string& name, MessageTally& tally,
                const Complaint& complain) {
    const auto reading = inspect::read_wire_line(line);
    if (!reading && reading.error().reason == WireRefusal::Reason::unknown) {
        ++tally.not_covered[subject_of(line)];
        return;
    }
    Fact fact = check_api(line);
    if (!fact && !reading && reading.error().reason == WireRefusal::Reason::bad_line)
        fact = "not a vector: " + reading.error().text;
    if (!fact && line.contains("error") && reading) fact = "accepted as " + reading->json;
    if (!fact && !line.contains("error"))
        fact = reading ? check_accepted(line, *reading) : "refused: " + reading.error().text;
    ++(fact ? tally.failed : tally.passed);
    if (fact) complain(name, *fact);
}

void run_line(std::string_view text, size_t number, MessageTally& tally,
              const Complaint& complain) {
    try {
        const json line = json::parse(text);
        if (line.value("kind", "") == "batches")
            ++(line.contains("outcome") ? tally.damaged_batches : tally.batches);
        else
            run_vector(line, name_of(line, number), tally, complain);
    } catch (const json::exception& error) {
        ++tally.failed;
        complain(fmt::format("line {}", number), error.what());
    }
}

}  // namespace

MessageTally run_messages(const std::filesystem::path& vectors, const Complaint& complain) {
    MessageTally tally;
    size_t number = 0;
    const bool is_whole = for_each_line(
        vectors, [&](std::string_view line) { run_line(line, ++number, tally, complain); });
    if (!is_whole) {
        ++tally.failed;
        complain(vectors.filename().native(), "cannot be read to its end");
    }
    return tally;
}

}  // namespace golden
