#include "tests/golden/batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/legacy_records.h"
#include "protocol/record_batch.h"
#include "protocol/record_validation.h"
#include "tests/golden/vector_file.h"
#include "tools/inspect/batch_description.h"
#include "tools/inspect/hex.h"

namespace golden {

namespace {

using inspect::build_described;
using inspect::describe;
using nlohmann::json;
using protocol::BatchView;
using protocol::Blob;
using protocol::Bytes;
using protocol::ErrorCode;

// What is wrong, in a few words; nullopt: nothing.
using Fact = std::optional<std::string>;

Fact difference(const json& expected, const json& actual) {
    if (expected == actual) return std::nullopt;
    const json patch = json::diff(expected, actual);
    const auto at = json::json_pointer(patch.at(0).at("path").get<std::string>());
    return fmt::format("{}, expected {}", patch.at(0).dump(),
                       expected.contains(at) ? expected.at(at).dump() : "nothing");
}

// Kafka's builder writes negative offset deltas when asked to; the sequences it then calculates
// are an overflow, which describe() does not repeat.
json without_overflown_sequences(json batches) {
    for (auto& batch : batches) {
        if (batch.value("baseSequence", -1) < 0) continue;
        if (batch.at("lastOffsetDelta") < 0) batch["lastSequence"] = nullptr;
        for (auto& record : batch.at("records"))
            if (record.at("offsetDelta") < 0) record["sequence"] = nullptr;
    }
    return batches;
}

std::optional<Blob> rebuild_batch(const json& description) {
    // A batch that compaction emptied is made from one with a record.
    if (description.at("count") != 0) return build_described(description);
    json with_record = description;
    with_record["records"] = json::parse(R"([{"offsetDelta": 0, "key": null, "value": null,
                                              "headers": []}])");
    with_record["records"][0]["timestamp"] = description.at("maxTimestamp");
    const auto full = build_described(with_record);
    if (!full) return std::nullopt;
    return build_emptied_batch(*BatchView::first_in(*full));
}

// Our own builder makes the same bytes, or when compressed the same records and header fields.
Fact check_rebuilt(const json& description, const BatchView& original) {
    const auto rebuilt = rebuild_batch(description);
    if (!rebuilt) return "cannot be built again";
    if (original.compression() == protocol::Compression::none) {
        if (std::ranges::equal(*rebuilt, original.bytes())) return std::nullopt;
        return fmt::format("built anew as {}", inspect::to_hex(*rebuilt));
    }
    const auto again = BatchView::first_in(*rebuilt);
    if (!again || !again->has_valid_crc()) return "built anew with a wrong length or CRC";
    json actual = describe(*again);
    for (const char* packed : {"batchLength", "crc"}) actual[packed] = description.at(packed);
    return difference(description, actual);
}

// An end marker of a transaction is also what the coordinators' function makes.
Fact check_marker(const BatchView& original) {
    if (!original.is_control() || !original.is_transactional() || original.record_count() == 0)
        return std::nullopt;
    const auto control = control_record(original);
    if (!control) return "no control record";
    Blob marker = protocol::build_end_transaction_marker(
        original.producer_id(), original.producer_epoch(), control->type,
        control->coordinator_epoch, original.max_timestamp());
    protocol::set_base_offset(marker, original.base_offset());
    protocol::set_partition_leader_epoch(marker, original.partition_leader_epoch());
    if (std::ranges::equal(marker, original.bytes())) return std::nullopt;
    return fmt::format("marker made as {}", inspect::to_hex(marker));
}

// Every record decodes the same after a change to each codec and back.
Fact check_recompressed(const json& description, const BatchView& original) {
    using enum protocol::Compression;
    for (const auto codec : {none, gzip, snappy, lz4, zstd}) {
        const auto packed = recompress(original, codec, protocol::default_compression_level);
        if (!packed) return "cannot be compressed anew";
        const auto view = BatchView::first_in(*packed);
        if (!view || !view->has_valid_crc() || view->compression() != codec)
            return "compressed anew with a wrong header";
        json actual = describe(*view);
        for (const char* packed_fact : {"batchLength", "crc", "attributes", "compression"})
            actual[packed_fact] = description.at(packed_fact);
        if (auto fact = difference(description, actual)) return fact;
    }
    return std::nullopt;
}

Fact check_batches(const json& vector, Bytes bytes) {
    json actual = json::array();
    const bool can_rebuild = vector.at("rebuild").get<bool>();
    const json described = without_overflown_sequences(vector.at("batches"));
    for (const auto& expected : described) {
        if (const auto legacy = protocol::LegacyMessage::first_in(bytes)) {
            actual.push_back(describe(*legacy));
            bytes = bytes.subspan(legacy->size_bytes());
        } else if (const auto batch = BatchView::first_in(bytes)) {
            if (!batch->has_valid_crc()) return "CRC taken for wrong";
            actual.push_back(describe(*batch));
            if (can_rebuild)
                if (auto fact = check_rebuilt(expected, *batch)) return fact;
            if (auto fact = check_marker(*batch)) return fact;
            if (auto fact = check_recompressed(expected, *batch)) return fact;
            bytes = bytes.subspan(batch->size_bytes());
        }
    }
    const auto rest = protocol::frame_of(bytes);
    if (!rest || *rest) return "batches follow that the vector does not have";
    return difference(described, actual);
}

// The answer to a produced batch, by the begin of a vector's name; the first that fits counts.
// From what live brokers answered, but for two kinds of batches. Where Kafka fails with
// UNKNOWN_SERVER_ERROR, CORRUPT_MESSAGE is due; and wrong offset deltas, which Kafka stores as
// they are, INVALID_RECORD.
constexpr auto answers = std::to_array<std::pair<std::string_view, ErrorCode>>({
    {"crc/base offset", ErrorCode::invalid_record},
    {"crc/", ErrorCode::corrupt_message},
    {"length/", ErrorCode::corrupt_message},
    {"magic/0", ErrorCode::invalid_record},
    {"magic/127", ErrorCode::corrupt_message},
    {"magic/1", ErrorCode::invalid_record},
    {"magic/", ErrorCode::corrupt_message},
    {"magic ", ErrorCode::invalid_record},
    {"empty", ErrorCode::invalid_record},
    {"truncated/", ErrorCode::invalid_record},
    {"two batches", ErrorCode::invalid_record},
    {"header/compression code", ErrorCode::corrupt_message},
    {"header/control bit", ErrorCode::invalid_record},
    {"header/transactional bit", ErrorCode::transactional_id_authorization_failed},
    {"header/base offset", ErrorCode::invalid_record},
    {"header/last offset delta", ErrorCode::invalid_record},
    {"header/base timestamp max", ErrorCode::invalid_timestamp},
    {"header/count", ErrorCode::invalid_record},
    {"header/producer id without sequence", ErrorCode::invalid_record},
    {"header/epoch -2", ErrorCode::invalid_producer_epoch},
    {"header/sequence -2", ErrorCode::invalid_record},
    {"records/null key", ErrorCode::none},
    {"records/record attributes", ErrorCode::none},
    {"records/size varint of six", ErrorCode::corrupt_message},
    {"records/size varint non-canonical", ErrorCode::none},
    {"records/key length -2", ErrorCode::none},
    {"records/value length -2", ErrorCode::none},
    {"records/header key empty", ErrorCode::none},
    {"records/header value length -2", ErrorCode::none},
    {"records/", ErrorCode::invalid_record},
    {"compressed/gzip/good", ErrorCode::none},
    {"compressed/gzip/garbage after", ErrorCode::none},
    {"compressed/snappy/good", ErrorCode::none},
    {"compressed/snappy/bit flipped", ErrorCode::none},
    {"compressed/lz4/good", ErrorCode::none},
    {"compressed/lz4/garbage after", ErrorCode::none},
    {"compressed/lz4/bit flipped", ErrorCode::none},
    {"compressed/zstd/good", ErrorCode::none},
    {"compressed/zstd/bit flipped", ErrorCode::none},
    {"compressed/zstd/empty payload", ErrorCode::invalid_record},
    {"compressed/", ErrorCode::corrupt_message},
});

ErrorCode answer_to(std::string_view name) {
    const auto answer = std::ranges::find_if(
        answers, [name](const auto& known) { return name.starts_with(known.first); });
    return answer == answers.end() ? ErrorCode::none : answer->second;
}

Fact check_answer(std::string_view name, Bytes bytes) {
    const protocol::ProduceRules rules{.batch_bytes_max = 1 << 20,
                                       .timestamp_after_max_ms = 3'600'000,
                                       .now_ms = 1'700'900'000'000};
    const auto valid = protocol::validate_produced(bytes, rules);
    const auto answered = valid ? ErrorCode::none : valid.error().error;
    if (answered != answer_to(name))
        return fmt::format("answered with {}, not {}: {}", protocol::name(answered),
                           protocol::name(answer_to(name)), valid ? "" : valid.error().message);
    if (answered == ErrorCode::invalid_timestamp && valid.error().record_errors.empty())
        return "no record is named";
    return std::nullopt;
}

// What Kafka's parser of produce requests refuses, the whole broker refuses too.
Fact check_parsed(const json& outcome, Bytes bytes) {
    const auto valid = protocol::validate_produced(bytes, {.batch_bytes_max = 1 << 20});
    if (outcome.at("produceV7") != "ok" && valid) return "accepted, but not by Kafka's parser";
    const auto& oldest = outcome.at("produceV3");
    const bool is_zstd_refused =
        oldest != "ok" && oldest.at("class") == "UnsupportedCompressionTypeException";
    const auto batch = BatchView::first_in(bytes);
    const bool is_zstd = batch && batch->compression() == protocol::Compression::zstd;
    if (is_zstd_refused != is_zstd) return "zstd not recognised, or where there is none";
    return std::nullopt;
}

// The number of records that can be read, or that they cannot all be.
template <class Walk>
json count_records(const Walk& walk) {
    size_t count = 0;
    const auto walked = walk([&count](const protocol::Record&) {
        ++count;
        return true;
    });
    return walked ? json(count) : json("error");
}

json outcome_of(const BatchView& batch) {
    return {{"magic", 2},
            {"size", batch.size_bytes()},
            {"crcValid", batch.has_valid_crc()},
            {"records", count_records([&](auto visit) { return for_each_record(batch, visit); })}};
}

json outcome_of(const protocol::LegacyMessage& message) {
    return {{"magic", message.magic()},
            {"size", message.size_bytes()},
            {"crcValid", message.has_valid_crc()},
            {"records",
             count_records([&](auto visit) { return for_each_legacy_record(message, visit); })}};
}

// Kafka's outcome in our terms. It takes what is shorter than a header for a batch, though not for
// a sound one; for us nothing can be found behind it.
json expected_outcome(json outcome) {
    json batches = json::array();
    bool is_damaged = outcome.contains("iteration");
    for (auto& batch : outcome.at("batches")) {
        is_damaged |= batch.at("magic") == 2 && batch.at("size") < protocol::batch_header_bytes;
        if (batch.at("magic") == 2 && batch.at("size") < protocol::batch_header_bytes) break;
        batch.erase("ensureValid");
        if (!batch.at("records").is_number()) batch["records"] = "error";
        batches.push_back(batch);
    }
    return {{"batches", batches}, {"damaged", is_damaged}};
}

Fact check_damaged(const json& vector, Bytes bytes) {
    const Bytes all = bytes;
    json batches = json::array();
    while (true) {
        if (const auto batch = BatchView::first_in(bytes)) {
            batches.push_back(outcome_of(*batch));
            bytes = bytes.subspan(batch->size_bytes());
        } else if (const auto legacy = protocol::LegacyMessage::first_in(bytes)) {
            batches.push_back(outcome_of(*legacy));
            bytes = bytes.subspan(legacy->size_bytes());
        } else {
            break;
        }
    }
    const json actual{{"batches", batches}, {"damaged", !protocol::frame_of(bytes)}};
    if (auto fact = difference(expected_outcome(vector.at("outcome")), actual)) return fact;
    if (auto fact = check_parsed(vector.at("outcome"), all)) return fact;
    return check_answer(vector.at("name").get<std::string>(), all);
}

using Check = Fact (*)(const json&, Bytes);

Tally run(const std::filesystem::path& vectors, const Complaint& complain, bool is_damaged,
          Check check) {
    Tally tally;
    const bool is_read = for_each_line(vectors, [&](std::string_view line) {
        const json vector = json::parse(line, nullptr, false);
        if (vector.is_discarded() || vector.value("kind", "") != "batches" ||
            vector.contains("outcome") != is_damaged)
            return;
        const auto bytes = inspect::from_hex(vector.at("hex").get<std::string>());
        const Fact fact = bytes ? check(vector, *bytes) : "no hexadecimal bytes";
        if (fact) complain(vector.at("name").get<std::string>(), *fact);
        ++(fact ? tally.failed : tally.passed);
    });
    if (!is_read) {
        complain(vectors.native(), "cannot be read");
        ++tally.failed;
    }
    return tally;
}

}  // namespace

Tally run_batches(const std::filesystem::path& vectors, const Complaint& complain) {
    return run(vectors, complain, false, check_batches);
}

Tally run_damaged_batches(const std::filesystem::path& vectors, const Complaint& complain) {
    return run(vectors, complain, true, check_damaged);
}

}  // namespace golden
