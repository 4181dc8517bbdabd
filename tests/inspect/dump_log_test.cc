#include "tools/inspect/dump_log_command.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "protocol/wire.h"
#include "tests/inspect/data_directory.h"
#include "tests/inspect/verified.h"
#include "tests/support/batches.h"
#include "tests/support/temporary_directory.h"
#include "tools/inspect/dump_log/printer.h"

namespace {

using data_directory::first;
using data_directory::partition;
using data_directory::second;
using nlohmann::json;
using protocol::Blob;
using support::SimulatedFileSystem;

struct Outcome {
    int status = 0;
    std::string out;
    std::string error;
};

Outcome dump(storage::FileSystem& files, std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream error;
    const int status = inspect::run_dump_log(files, std::move(arguments), out, error);
    return {status, out.str(), error.str()};
}

Outcome dump_sound(std::vector<std::string> arguments) {
    SimulatedFileSystem files;
    data_directory::make(files);
    return dump(files, std::move(arguments));
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).contains("\n" + line + "\n");
}

// A log of its own with these batches.
Outcome dump_batches(const std::vector<Blob>& batches, std::vector<std::string> arguments) {
    SimulatedFileSystem files;
    Blob contents;
    for (const auto& batch : batches) contents.insert(contents.end(), batch.begin(), batch.end());
    REQUIRE(files.create_directories("/t-0"));
    files.overwrite("/t-0/00000000000000000000.log", contents);
    arguments.push_back("/t-0/00000000000000000000.log");
    return dump(files, std::move(arguments));
}

}  // namespace

TEST_CASE("a batch is a line, in the words of Kafka's tool") {
    const auto outcome = dump_sound({"--files", first + ".log"});
    CHECK(outcome.status == 0);
    CHECK(outcome.error == "");
    CHECK(outcome.out.starts_with("Dumping " + first + ".log\nLog starting offset: 0\n"));
    const auto start = outcome.out.find("\nbaseOffset: 5 ");
    REQUIRE_MESSAGE(start != outcome.out.npos, outcome.out);
    const auto line = outcome.out.substr(start + 1, outcome.out.find('\n', start + 1) - start - 1);
    CHECK(line.starts_with(fmt::format(
        "{} {} {}", "baseOffset: 5 lastOffset: 6 count: 2 baseSequence: 0 lastSequence: 1",
        "producerId: 8 producerEpoch: 0 partitionLeaderEpoch: 0 isTransactional: true",
        "isControl: false deleteHorizonMs: OptionalLong.empty position: ")));
    CHECK(line.contains(" LogAppendTime: 10000005 size: "));
    CHECK(line.contains(" magic: 2 compresscodec: none crc: "));
    CHECK(line.ends_with(" isvalid: true"));
    CHECK_FALSE(outcome.out.contains("| offset"));
}

TEST_CASE("records follow their batch when they are asked for") {
    const auto deep = dump_sound({"--deep-iteration", first + ".log"});
    const std::string data = "| offset: 3 LogAppendTime: 10000003 keySize: 5 valueSize: 8 ";
    CHECK_MESSAGE(deep.out.contains(data + "sequence: 0 headerKeys: []\n"), deep.out);
    const std::string marker = "| offset: 9 LogAppendTime: 10000009 keySize: 4 valueSize: 6 ";
    CHECK(deep.out.contains(
        marker + "sequence: -1 headerKeys: [] endTxnMarker: ABORT coordinatorEpoch: 0\n"));
    const auto contents = dump_sound({"--print-data-log", first + ".log"});
    CHECK(contents.out.contains(" sequence: 0 headerKeys: [] key: key-0 payload: "));
    const auto bare = dump_sound({"--print-data-log", "--skip-record-metadata", first + ".log"});
    CHECK(bare.out.contains("\n| key: key-0 payload: "));
    CHECK_FALSE(bare.out.contains("| offset"));
}

TEST_CASE("the files beside a log are printed in the words of Kafka's tool") {
    const auto index = dump_sound({second + ".index"});
    CHECK_MESSAGE(has_line(index.out, "offset: 12 position: 81"), index.out);
    const auto times = dump_sound({second + ".timeindex"});
    CHECK_MESSAGE(has_line(times.out, "timestamp: 10000011 offset: 12"), times.out);
    const auto aborted = dump_sound({second + ".txnindex"});
    CHECK(has_line(aborted.out,
                   "version: 0 producerId: 9 firstOffset: 11 lastOffset: 14 lastStableOffset: 13"));
    const auto snapshot = dump_sound({second + ".snapshot"});
    const auto producer = fmt::format(
        "{} {} {}", "producerId: 7 producerEpoch: 0 coordinatorEpoch: -1 currentTxnFirstOffset:",
        "OptionalLong.empty lastTimestamp: 10000003 firstSequence: 0 lastSequence: 1",
        "lastOffset: 4 offsetDelta: 1 timestamp: 10000003");
    CHECK_MESSAGE(has_line(snapshot.out, producer), snapshot.out);
}

TEST_CASE("files that Kafka's tool does not know are printed as well") {
    const auto outcome = dump_sound({"/data"});
    CHECK(outcome.status == 0);
    CHECK(has_line(outcome.out, "epoch: 1 startOffset: 10"));
    CHECK(has_line(outcome.out, "topic: t partition: 0 offset: 23"));
    CHECK(has_line(outcome.out, "topicId: CQAAAAAAAAAAAAAAAAAAAA"));
    CHECK(outcome.out.contains("clusterId: "));
    CHECK(outcome.out.contains("quorumState: {\"leaderId\":1,"));
}

TEST_CASE("a directory is decoded as what its topic is") {
    const std::string log = "/data/__cluster_metadata-0/00000000000000000000.log";
    const std::string decoded =
        R"(payload: {"type":"TOPIC_RECORD","version":0,"data":{"name":"t","topicId":)";
    CHECK(dump_sound({"--print-data-log", "/data"}).out.contains(decoded));
    CHECK(dump_sound({"--cluster-metadata-decoder", log}).out.contains(decoded));
    CHECK_FALSE(dump_sound({"--print-data-log", log}).out.contains(decoded));
    CHECK(dump_sound({"--offsets-decoder", first + ".log"})
              .out.contains("key: Unknown record type 27493 at offset 0, skipping.\n"));
}

TEST_CASE("JSON has one object a line, with the same facts") {
    const auto outcome = dump_sound({"--format", "json", "--print-data-log", "/data/t-0"});
    std::istringstream lines(outcome.out);
    size_t batches = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto object = json::parse(line);
        if (object["type"] != "batch" || object["baseOffset"] != 5) continue;
        ++batches;
        CHECK(object["isTransactional"] == true);
        CHECK(object["deleteHorizonMs"] == nullptr);
        CHECK(object["timestampType"] == "LogAppendTime");
        CHECK(object["timestamp"] == 10'000'005);
    }
    CHECK(batches == 1);
}

TEST_CASE("bytes that are no text are replaced in text and in hexadecimal in JSON") {
    protocol::BatchBuilder builder({});
    const Blob value{std::byte{'a'}, std::byte{0xff}, std::byte{'b'}};
    builder.add(1, std::nullopt, value);
    const Blob batch = builder.build();
    CHECK(dump_batches({batch}, {"--print-data-log"}).out.contains("payload: a\uFFFDb\n"));
    CHECK(dump_batches({batch}, {"--print-data-log", "--format", "json"})
              .out.contains(R"("payloadHex":"61ff62"})"));
}

TEST_CASE("--max-bytes ends before the batch that would pass it") {
    const auto batch = support::build_batch({});
    const auto limit = fmt::format("{}", 2 * batch.size() - 1);
    const auto outcome = dump_batches({batch, batch}, {"--max-bytes", limit});
    CHECK(outcome.out.contains("baseOffset: 0"));
    CHECK(outcome.out.find("baseOffset") == outcome.out.rfind("baseOffset"));
    CHECK_FALSE(outcome.out.contains("invalid bytes"));
}

TEST_CASE("a tail that is no batch is counted") {
    Blob torn = support::build_batch({});
    torn.resize(torn.size() - 3);
    const auto outcome = dump_batches({support::build_batch({}), torn}, {});
    CHECK(has_line(outcome.out,
                   fmt::format("Found {} invalid bytes at the end of " "00000000000000000000.log",
                               torn.size())));
}

TEST_CASE("a batch that would fill the memory is passed over") {
    const support::TemporaryDirectory directory;
    const auto path = directory / "00000000000000000000.log";
    Blob batch = support::build_batch({});
    constexpr int32_t length = 300 << 20;
    protocol::BufferSink(batch.data() + 8).integer(length);
    auto& files = storage::posix_file_system();
    const auto file = files.open(path, storage::FileSystem::Open::create);
    REQUIRE(file);
    REQUIRE((*file)->write_at(batch, 0));
    REQUIRE((*file)->truncate(length + protocol::batch_prefix_bytes));
    const auto outcome = dump(files, {path});
    CHECK(outcome.status == 1);
    CHECK(outcome.error == fmt::format("Could not read {}: the batch at 0 is too large\n", path));
    CHECK(dump(files, {"--verify", directory.path()}).status == 1);
}

TEST_CASE("gaps and wrong indexes are complained about, in the words of Kafka's tool") {
    const auto outcome = dump_batches(
        {support::build_batch({}), support::build_batch({.base_offset = 5})}, {"--deep-iteration"});
    CHECK(outcome.error ==
          "Non-consecutive offsets in /t-0/00000000000000000000.log\n  0 is followed by 5\n");

    SimulatedFileSystem files;
    data_directory::make(files);
    data_directory::edit(files, second + ".index", [](Blob& bytes) { bytes[3] ^= std::byte{4}; });
    data_directory::edit(files, second + ".timeindex",
                         [](Blob& bytes) { bytes[7] ^= std::byte{1}; });
    const auto indexes =
        dump(files, {"--verify-index-only", second + ".index", second + ".timeindex"});
    CHECK(indexes.out == fmt::format("Dumping {0}.index\nDumping {0}.timeindex\n", second));
    CHECK_MESSAGE(has_line(indexes.error, "  Index offset: 16, log offset: 12"), indexes.error);
    CHECK(has_line(indexes.error, "  Index timestamp: 10000010, log timestamp: 10000011"));
}

TEST_CASE("the sanity check says what a start would") {
    CHECK(has_line(dump_sound({"--index-sanity-check", second + ".index"}).out,
                   second + ".index passed sanity check."));
    SimulatedFileSystem files;
    data_directory::make(files);
    data_directory::edit(files, second + ".index", [](Blob& bytes) { bytes.resize(9); });
    const auto outcome = dump(files, {"--index-sanity-check", second + ".index"});
    CHECK(outcome.status == 1);
    CHECK(outcome.error.contains("fails the sanity check"));
}

TEST_CASE("a file that cannot be read is a failure, an unknown one is ignored") {
    const auto absent = dump_sound({partition + "00000000000000000099.log", first + ".log"});
    CHECK(absent.status == 1);
    CHECK(absent.error.starts_with("Could not read " + partition + "00000000000000000099.log"));
    CHECK(absent.out.contains("baseOffset: 5 "));
    SimulatedFileSystem files;
    data_directory::make(files);
    files.overwrite(partition + "notes.txt", {});
    const auto unknown = dump(files, {partition + "notes.txt"});
    CHECK(unknown.status == 0);
    CHECK(unknown.error == "Ignoring unknown file " + partition + "notes.txt\n");
}

TEST_CASE("what cannot be asked for is refused in one line") {
    const auto refused = [](std::vector<std::string> arguments, std::string_view part) {
        const auto outcome = dump_sound(std::move(arguments));
        CHECK(outcome.status == 2);
        CHECK(outcome.out == "");
        CHECK_MESSAGE(outcome.error.contains(part), outcome.error);
        CHECK(outcome.error.find('\n') == outcome.error.size() - 1);
    };
    refused({}, "no file is named");
    refused({"--file", "x"}, "--file");
    refused({"--value-decoder-class", "org.example.Mine", "x.log"}, "org.example.Mine");
    refused({"--remote-log-metadata-decoder", "x.log"}, "tiered storage");
    refused({"--verify", "--deep-iteration", "/data"}, "--verify");
    refused({"--max-bytes", "-1", "x.log"}, "-1");
    CHECK(dump_sound(
              {"--value-decoder-class", "org.apache.kafka.tools.api.StringDecoder", first + ".log"})
              .out.contains("key: key-0 payload: "));
}

TEST_CASE("--verify gives the status of what it finds") {
    SimulatedFileSystem files;
    data_directory::make(files);
    const std::string long_ago = "9000000000000000";
    const std::vector<std::string> arguments{"--verify", "/data", "--producer-id-expiration-ms",
                                             long_ago};
    auto outcome = dump(files, arguments);
    CHECK_MESSAGE(outcome.status == 0, outcome.out);
    CHECK(outcome.out ==
          "2 partitions, 5 segments, 24 batches, 39 records: 0 violations, 0 notes\n");
    outcome = dump(files, {"--verify", "/data/t-0/"});
    CHECK(outcome.out ==
          "1 partitions, 3 segments, 14 batches, 23 records: 0 violations, 0 notes\n");
    data_directory::edit(files, first + ".log", [](Blob& bytes) { bytes[70] ^= std::byte{1}; });
    outcome = dump(files, arguments);
    CHECK(outcome.status == 1);
    CHECK_MESSAGE(outcome.out.starts_with("violation: rule: batch-checksum file: " + first +
                                          ".log position: 0 what: "),
                  outcome.out);
    CHECK(dump(files, {"--verify", "/nowhere"}).status == 1);
}

TEST_CASE("damaged files neither crash a dump nor are changed by it") {
    CAPTURE(verified::seed());
    std::mt19937_64 random(verified::seed());
    SimulatedFileSystem sound;
    data_directory::make(sound);
    const auto paths = data_directory::all_files(sound);
    for (int round = 0; round < 600; ++round) {
        CAPTURE(round);
        const auto& path = paths[random() % paths.size()];
        const Blob original = sound.contents(path);
        Blob damaged = original;
        for (uint64_t flips = random() % 8; flips > 0 && !damaged.empty(); --flips)
            damaged[random() % damaged.size()] ^= std::byte(1 << random() % 8);
        if (random() % 4 == 0) damaged.resize(random() % (damaged.size() + 40));
        sound.overwrite(path, damaged);
        for (const auto& arguments :
             std::vector<std::vector<std::string>>{{"--verify", "/data"},
                                                   {"--print-data-log", "/data"},
                                                   {"--offsets-decoder", "--format", "json", path},
                                                   {"--transaction-log-decoder", path},
                                                   {"--cluster-metadata-decoder", path},
                                                   {"--share-group-state-decoder", path},
                                                   {"--index-sanity-check", path},
                                                   {"--verify-index-only", path}}) {
            const auto outcome = dump(sound, arguments);
            CHECK(outcome.status <= 1);
            CHECK(outcome.out.size() < 1'000'000);
        }
        CHECK(std::ranges::equal(sound.contents(path), damaged));
        sound.overwrite(path, original);
    }
    CHECK(data_directory::all_files(sound) == paths);
}
