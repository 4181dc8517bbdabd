// Verification of what data directories say of each other: checkpoints and directories, several
// directories of one broker, the metadata log of one and the topics in another.
#include <doctest/doctest.h>

#include "storage/checkpoints.h"
#include "storage/meta_properties.h"
#include "storage/partition_metadata.h"
#include "tests/inspect/data_directory.h"
#include "tests/inspect/verified.h"

namespace {

using namespace verified;
using data_directory::edit;
using data_directory::other_path;
using data_directory::path;
using data_directory::uuid;
using storage::PartitionName;

const std::string recovery_points = path + "/recovery-point-offset-checkpoint";
const std::string log_starts = path + "/log-start-offset-checkpoint";
const std::string high_watermarks = path + "/replication-offset-checkpoint";
const std::string cleaned = path + "/cleaner-offset-checkpoint";
const std::string clean_shutdown = path + "/.kafka_cleanshutdown";
const std::string other_topic_id = other_path + "/t-1/partition.metadata";
const std::vector<std::string> both{path, other_path};

// Has the checkpoint name a partition besides those that it names.
void name_in(SimulatedFileSystem& files, const std::string& file, const PartitionName& partition) {
    auto checkpoint = storage::read_checkpoint(files, file).offsets;
    checkpoint[partition] = 3;
    files.overwrite(file, storage::as_bytes(storage::encode_offsets(checkpoint)));
}

void make_both(SimulatedFileSystem& files) {
    data_directory::make(files);
    data_directory::make_other(files);
    CHECK(text_of(findings_in(files, both)) == "");
}

void check_violation_in_both(SimulatedFileSystem& files, std::string_view rule,
                             const std::string& file) {
    const auto found = findings_in(files, both);
    REQUIRE_MESSAGE(found.size() == 1, text_of(found));
    CHECK_MESSAGE(found[0]["type"] == "violation", text_of(found));
    CHECK(found[0]["rule"] == rule);
    CHECK(found[0]["file"] == file);
}

void set_properties(SimulatedFileSystem& files, const storage::MetaProperties& properties) {
    files.overwrite(other_path + "/meta.properties",
                    storage::as_bytes(storage::encode(properties)));
}

}  // namespace

TEST_CASE("a partition that the checkpoints and the metadata log have, and no directory, is lost") {
    for (const bool was_crash : {false, true}) {
        SimulatedFileSystem files;
        data_directory::make(files);
        REQUIRE(files.remove_all(path + "/t-0"));
        if (was_crash) REQUIRE(files.remove(clean_shutdown));
        const auto found = findings_in(files);
        REQUIRE_MESSAGE(found.size() == 2, text_of(found));
        for (const auto& finding : found) {
            CHECK(finding["type"] == "violation");
            CHECK(finding["rule"] == "checkpoint");
        }
        CHECK(found[0]["file"] == recovery_points);
        CHECK(found[1]["file"] == high_watermarks);
    }
}

TEST_CASE("what a clean stop writes anew names no partition of a topic that is gone") {
    for (const auto& file : {recovery_points, log_starts}) {
        SimulatedFileSystem files;
        data_directory::make(files);
        name_in(files, file, {"gone", 0});
        check_violation(files, "checkpoint", file);
        REQUIRE(files.remove(clean_shutdown));  // It may have been deleted just before a crash.
        check_only(files, "note", "checkpoint", file);
    }
}

TEST_CASE("other checkpoints may name a partition of a topic that is gone, which is noted") {
    for (const auto& file : {high_watermarks, cleaned}) {
        SimulatedFileSystem files;
        data_directory::make(files);
        name_in(files, file, {"gone", 0});
        check_only(files, "note", "checkpoint", file);
    }
}

TEST_CASE("a partition number that its topic has not is like a topic that is gone") {
    SimulatedFileSystem files;
    data_directory::make(files);
    name_in(files, high_watermarks, {"t", 2});
    check_only(files, "note", "checkpoint", high_watermarks);
}

TEST_CASE("a partition that was set aside may be in checkpoints until the next start") {
    for (const char* suffix : {"-delete", "-future", "-stray"}) {
        SimulatedFileSystem files;
        data_directory::make(files);
        const std::string aside =
            path + "/gone-0.01230123012301230123012301230123" + std::string(suffix);
        REQUIRE(files.create_directories(aside));
        for (const auto& file : {recovery_points, high_watermarks, cleaned})
            name_in(files, file, {"gone", 0});
        check_only(files, "note", "leftover", aside);
        name_in(files, recovery_points, {"gone", 1});
        CHECK(findings_in(files).size() == 2);
    }
}

TEST_CASE("what checkpoints say of a deleted log is held against another one of its name") {
    const std::string aside = path + "/t-0.01230123012301230123012301230123";
    for (const auto& file : {recovery_points, log_starts, high_watermarks, cleaned}) {
        SimulatedFileSystem files;
        data_directory::make(files);
        auto checkpoint = storage::read_checkpoint(files, file).offsets;
        checkpoint[{"t", 0}] = 1'000'000;
        files.overwrite(file, storage::as_bytes(storage::encode_offsets(checkpoint)));
        check_violation(files, "checkpoint", file);
        REQUIRE(files.create_directories(aside + "-delete"));
        check_only(files, "note", "leftover", aside + "-delete");
        REQUIRE(files.rename(aside + "-delete", aside + "-forgotten-delete"));
        CHECK(findings_in(files).size() == 2);
    }
}

TEST_CASE("while a broker runs, a partition may be in checkpoints that is deleted already") {
    SimulatedFileSystem files;
    data_directory::make(files);
    name_in(files, recovery_points, {"gone", 0});
    CHECK(findings_in(files, /*is_in_use=*/true).empty());
}

TEST_CASE("a partition that is in another data directory is noted") {
    SimulatedFileSystem files;
    data_directory::make(files);
    name_in(files, recovery_points, {"t", 1});
    check_only(files, "note", "checkpoint", recovery_points);
    data_directory::make_other(files);
    CHECK(findings_in(files, both).size() == 1);
    // Lost from where the metadata log has it, it is lost in that one's checkpoints.
    REQUIRE(files.remove_all(other_path + "/t-1"));
    size_t violations = 0;
    for (const auto& finding : findings_in(files, both))
        violations += finding["type"] == "violation";
    CHECK(violations == 2);
}

TEST_CASE("without the metadata log a checkpoint of a clean stop still names what is there") {
    SimulatedFileSystem files;
    data_directory::make_other(files);
    const std::string file = other_path + "/recovery-point-offset-checkpoint";
    name_in(files, file, {"u", 0});
    const auto found = findings_in(files, std::vector{other_path});
    REQUIRE_MESSAGE(found.size() == 1, text_of(found));
    CHECK(found[0]["type"] == "violation");
    CHECK(found[0]["file"] == file);
}

TEST_CASE("a data directory without a metadata log is sound by itself") {
    SimulatedFileSystem files;
    make_both(files);
    CHECK(text_of(findings_in(files, std::vector{other_path})) == "");
    CHECK(text_of(findings_in(files, std::vector{other_path, path})) == "");
}

TEST_CASE("a data directory that is named twice is looked at once") {
    SimulatedFileSystem files;
    make_both(files);
    CHECK(text_of(findings_in(files, std::vector{path, path + "/", other_path})) == "");
}

TEST_CASE("topic ids in all data directories are those of the metadata log in one of them") {
    SimulatedFileSystem files;
    make_both(files);
    edit(files, other_topic_id, replace("version: 0\ntopic_id: CgAAAAAAAAAAAAAAAAAAAA"));
    check_violation_in_both(files, "topic-id", other_topic_id);
    CHECK(findings_in(files, std::vector<std::string>{other_path + "/t-1", path}).size() == 1);
    CHECK(text_of(findings_in(files, std::vector{other_path})) == "");
}

TEST_CASE("a log of another data directory whose topic is gone is noted") {
    SimulatedFileSystem files;
    make_both(files);
    REQUIRE(files.create_directories(other_path + "/u-0"));
    files.overwrite(other_path + "/u-0/00000000000000000000.log", {});
    const auto found = findings_in(files, both);
    REQUIRE_MESSAGE(found.size() == 1, text_of(found));
    CHECK(found[0]["type"] == "note");
    CHECK(found[0]["rule"] == "topic-id");
}

TEST_CASE("a partition that is in two data directories is reported") {
    SimulatedFileSystem files;
    make_both(files);
    REQUIRE(files.create_directories(other_path + "/t-0"));
    for (const char* name : {"00000000000000000000.log", "00000000000000000000.index",
                             "00000000000000000000.timeindex", "partition.metadata"})
        files.overwrite(other_path + "/t-0/" + name, files.contents(path + "/t-0/" + name));
    size_t duplicates = 0;
    for (const auto& finding : findings_in(files, both))
        duplicates += finding["rule"] == "duplicate";
    CHECK(duplicates == 2);
}

TEST_CASE("two data directories have two ids") {
    SimulatedFileSystem files;
    make_both(files);
    set_properties(files, {.cluster_id = "AgAAAAAAAAAAAAAAAAAAAA",
                           .node_id = 1,
                           .directory_id = data_directory::directory_id});
    const auto found = findings_in(files, both);
    REQUIRE_MESSAGE(found.size() == 2, text_of(found));
    for (const auto& finding : found) CHECK(finding["rule"] == "properties");
}

TEST_CASE("a data directory that one node has registered is not another one's") {
    SimulatedFileSystem files;
    make_both(files);
    set_properties(files, {.cluster_id = "AgAAAAAAAAAAAAAAAAAAAA",
                           .node_id = 2,
                           .directory_id = data_directory::other_directory_id});
    check_violation_in_both(files, "quorum", other_path + "/meta.properties");
}

TEST_CASE("data directories of different clusters say nothing of each other") {
    SimulatedFileSystem files;
    make_both(files);
    set_properties(files, {.cluster_id = "another",
                           .node_id = 1,
                           .directory_id = data_directory::other_directory_id});
    edit(files, other_topic_id, replace("version: 0\ntopic_id: CgAAAAAAAAAAAAAAAAAAAA"));
    CHECK(text_of(findings_in(files, both)) == "");
}
