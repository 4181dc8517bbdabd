#include "storage/checkpoints.h"

#include <doctest/doctest.h>

#include "protocol/uuid.h"
#include "storage/meta_properties.h"
#include "tests/support/simulated_file_system.h"

using namespace storage;
using support::Crash;
using support::SimulatedFileSystem;

namespace {

const protocol::Uuid directory_id = *protocol::parse_uuid("Yl_ieEN3TDiLXkr4d6kQ8A");

std::string text_of(const SimulatedFileSystem& files, const std::string& path) {
    return std::string(as_text(files.contents(path)));
}

}  // namespace

TEST_CASE("a checkpoint is Kafka's text: version, count, and a line for each partition") {
    const Checkpoint checkpoint{{{"orders", 12}, 345}, {{"__consumer_offsets", 0}, 7}};
    const std::string text = "0\n2\n__consumer_offsets 0 7\norders 12 345\n";
    CHECK(encode_offsets(checkpoint) == text);
    CHECK(decode_offsets(text) == checkpoint);
    CHECK(decode_offsets("0\n0\n") == Checkpoint{});
}

TEST_CASE("a damaged checkpoint is recognised") {
    for (const auto* text :
         {"", "\n", "0\n", "1\n0\n", "0\n1\n", "0\n1\nt 0\n", "0\n1\nt 0 \n", "0\n1\nt x 1\n",
          "0\n1\nt 0 1 2\n", "0\n1\n 0 1\n", "0\n1\nt -1 1\n", "0\n2\nt 0 1\n", "0\n1\nt 0 1\n\n",
          "0\n1\nt 0 99999999999999999999\n"})
        CHECK_MESSAGE(!decode_offsets(text), text);
}

TEST_CASE("a checkpoint that is written is read again") {
    SimulatedFileSystem files;
    REQUIRE(files.create_directories("/data"));
    const Checkpoint checkpoint{{{"t", 0}, 42}};
    REQUIRE(write_checkpoint(files, "/data/recovery-point-offset-checkpoint", checkpoint));
    const auto read = read_checkpoint(files, "/data/recovery-point-offset-checkpoint");
    CHECK(read.offsets == checkpoint);
    CHECK_FALSE(read.problem);
}

TEST_CASE("an absent checkpoint is empty, a damaged or unreadable one also says why") {
    SimulatedFileSystem files;
    REQUIRE(files.create_directories("/data"));
    CHECK_FALSE(read_checkpoint(files, "/data/c").problem);
    files.overwrite("/data/c", as_bytes("0\n7\n"));
    const auto damaged = read_checkpoint(files, "/data/c");
    CHECK(damaged.offsets.empty());
    CHECK(damaged.problem == "/data/c: damaged, treated as absent");
    files.fail_every(support::Operation::read);
    CHECK(read_checkpoint(files, "/data/c").problem.value().starts_with("/data/c: "));
}

TEST_CASE("a checkpoint that was cut within its last number is damage, and no smaller number") {
    CHECK(storage::decode_offsets("0\n1\nt 0 47\n"));
    CHECK_FALSE(storage::decode_offsets("0\n1\nt 0 47"));
    CHECK_FALSE(storage::decode_offsets("0\n1\nt 0 4"));
}

TEST_CASE("a checkpoint without a byte, as Kafka's cleaner begins with, is no damage") {
    SimulatedFileSystem files;
    REQUIRE(files.create_directories("/data"));
    files.overwrite("/data/cleaner-offset-checkpoint", {});
    REQUIRE(files.exists("/data/cleaner-offset-checkpoint"));
    const auto read = read_checkpoint(files, "/data/cleaner-offset-checkpoint");
    CHECK(read.offsets.empty());
    CHECK_FALSE(read.problem);
}

TEST_CASE("a file that is replaced has its old or its new contents after a crash anywhere") {
    for (const auto how : {Crash::process_kill, Crash::power_cut}) {
        bool completed = false;
        for (uint64_t nth = 1; !completed; ++nth) {
            CAPTURE(nth);
            SimulatedFileSystem files(nth);
            REQUIRE(files.create_directories("/data"));
            REQUIRE(files.sync_directory("/"));
            REQUIRE(replace_whole(files, "/data/file", as_bytes("old contents")));
            files.die_at(nth);
            completed = replace_whole(files, "/data/file", as_bytes("new")).has_value();
            files.crash(how);
            const auto text = text_of(files, "/data/file");
            CHECK((text == "new" || (!completed && text == "old contents")));
            REQUIRE(replace_whole(files, "/data/file", as_bytes("next")));
            CHECK(text_of(files, "/data/file") == "next");
        }
    }
}

TEST_CASE("a file that cannot be replaced for want of space keeps its contents") {
    SimulatedFileSystem files;
    REQUIRE(replace_whole(files, "/file", as_bytes("old contents")));
    files.limit_space(2);
    CHECK(replace_whole(files, "/file", as_bytes("new contents")).error() ==
          std::errc::no_space_on_device);
    CHECK(text_of(files, "/file") == "old contents");
}

TEST_CASE("meta.properties is read as Kafka's storage tool writes it") {
    const auto properties = decode_meta_properties(
        "#\n#Sat Nov 21 09:26:20 UTC 2026\nnode.id=7\ndirectory.id=Yl_ieEN3TDiLXkr4d6kQ8A\n"
        "version=1\ncluster.id=xtzWWN4bTjitpL3kfd9s5g\n");
    REQUIRE(properties);
    CHECK(properties->node_id == 7);
    CHECK(properties->cluster_id == "xtzWWN4bTjitpL3kfd9s5g");
    CHECK(properties->directory_id == directory_id);
}

TEST_CASE("meta.properties is written with the keys in Kafka's order") {
    const MetaProperties properties{
        .cluster_id = "xtzWWN4bTjitpL3kfd9s5g", .node_id = 7, .directory_id = directory_id};
    CHECK(encode(properties) ==
          "#\nnode.id=7\ndirectory.id=Yl_ieEN3TDiLXkr4d6kQ8A\nversion=1\n"
          "cluster.id=xtzWWN4bTjitpL3kfd9s5g\n");
}

TEST_CASE("a cluster id with characters that Java's properties escape comes back") {
    const MetaProperties properties{.cluster_id = R"(a:b=c#d!e\f)", .node_id = 1};
    CHECK(encode(properties).contains(R"(cluster.id=a\:b\=c\#d\!e\\f)"));
    CHECK(decode_meta_properties(encode(properties)) == properties);
}

TEST_CASE("meta.properties that is not of this version, or lacks something, is refused in words") {
    const auto problem = [](std::string_view text) { return decode_meta_properties(text).error(); };
    CHECK(problem("").contains("version (none)"));
    CHECK(problem("version=0\nbroker.id=1\n").contains("version 0"));
    CHECK(problem("version=1\ncluster.id=c\n").contains("node.id"));
    CHECK(problem("version=1\ncluster.id=c\nnode.id=x\n").contains("node.id"));
    CHECK(problem("version=1\nnode.id=1\n").contains("cluster.id"));
    CHECK(problem("version=1\nnode.id=1\ncluster.id=c\ndirectory.id=?\n").contains("directory.id"));
}

TEST_CASE("partition.metadata is byte for byte Kafka's") {
    SimulatedFileSystem files;
    REQUIRE(files.create_directories("/data/t-0"));
    CHECK(read_topic_id(files, "/data/t-0").error() == std::errc::no_such_file_or_directory);
    REQUIRE(write_topic_id(files, "/data/t-0", directory_id));
    CHECK(text_of(files, "/data/t-0/partition.metadata") ==
          "version: 0\ntopic_id: Yl_ieEN3TDiLXkr4d6kQ8A");
    CHECK(read_topic_id(files, "/data/t-0") == directory_id);
}

TEST_CASE("a damaged partition.metadata is no topic id") {
    SimulatedFileSystem files;
    REQUIRE(files.create_directories("/t-0"));
    for (const auto* text : {"", "version: 0\n", "version: 1\ntopic_id: Yl_ieEN3TDiLXkr4d6kQ8A",
                             "version: 0\ntopic_id: Yl_ieEN3TDiLXkr4d6kQ8",
                             "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA"}) {
        files.overwrite("/t-0/partition.metadata", as_bytes(text));
        CHECK_MESSAGE(read_topic_id(files, "/t-0").error() == std::errc::illegal_byte_sequence,
                      text);
    }
}

TEST_CASE("the last dash of a directory's name is before the partition") {
    CHECK(parse_directory_name("t-0") == PartitionName{"t", 0});
    CHECK(parse_directory_name("a-b-12") == PartitionName{"a-b", 12});
    CHECK(parse_directory_name("a.b_c-3") == PartitionName{"a.b_c", 3});
    CHECK(parse_directory_name("t--1") == PartitionName{"t-", 1});
    for (const auto* name : {"", "t", "-0", "t-", "t-x", "t-01", "t-+1", "t-0x", "t-4294967296"})
        CHECK_MESSAGE(!parse_directory_name(name), name);
    CHECK(directory_name({"a-b", 12}) == "a-b-12");
}

TEST_CASE("a deleted log's directory is named as Kafka's, and never too long") {
    CHECK(deleted_directory_name({"t", 3}, directory_id) ==
          "t-3.625fe27843774c388b5e4af877a910f0-delete");
    const auto capped = deleted_directory_name({std::string(249, 'x'), 10}, directory_id);
    CHECK(capped.size() == 255);
    CHECK(is_deleted_directory_name(capped));
    CHECK(is_deleted_directory_of({std::string(249, 'x'), 10}, capped));
    CHECK_FALSE(is_deleted_directory_of({std::string(249, 'x'), 1}, capped));
    CHECK_FALSE(is_deleted_directory_of({std::string(249, 'y'), 10}, capped));
    CHECK(is_deleted_directory_of({"a.b", 0}, "a.b-0.0123-delete"));
    CHECK_FALSE(is_deleted_directory_of({"a.bc", 0}, "a.b-0.0123-delete"));
    CHECK(is_deleted_directory_name("a.b-0.0123-delete"));
    for (const auto* name : {"t-delete", "t-0-delete", "t-0.-delete", "t.0-delete", "t-0.1-future"})
        CHECK_MESSAGE(!is_deleted_directory_name(name), name);
}

TEST_CASE("a deleted log's directory is still one under its later name, and of no partition") {
    const auto forgotten = forgotten_directory_name("t-3.625fe27843774c388b5e4af877a910f0-delete");
    CHECK(forgotten == "t-3.625fe27843774c388b5e4af877a910f0-forgotten-delete");
    CHECK(is_deleted_directory_name(forgotten));
    CHECK_FALSE(is_deleted_directory_of({"t", 3}, forgotten));
    CHECK(forgotten_directory_name(forgotten) == forgotten);
    const PartitionName longest{std::string(249, 'x'), 10};
    const auto capped = forgotten_directory_name(deleted_directory_name(longest, directory_id));
    CHECK(capped.size() == 255);
    CHECK(is_deleted_directory_name(capped));
    CHECK_FALSE(is_deleted_directory_of(longest, capped));
}

TEST_CASE("a uuid's text is 22 characters of url-safe base64") {
    CHECK(protocol::to_string(protocol::Uuid{}) == "AAAAAAAAAAAAAAAAAAAAAA");
    CHECK(protocol::to_string(directory_id) == "Yl_ieEN3TDiLXkr4d6kQ8A");
    for (const auto* text : {"", "Yl_ieEN3TDiLXkr4d6kQ8", "Yl_ieEN3TDiLXkr4d6kQ8AA",
                             "Yl/ieEN3TDiLXkr4d6kQ8A", "Yl_ieEN3TDiLXkr4d6kQ8B"})
        CHECK_MESSAGE(!protocol::parse_uuid(text), text);
}
