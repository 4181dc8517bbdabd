#include "tests/support/simulated_file_system.h"

#include <doctest/doctest.h>

#include <set>

using namespace storage;
using support::Crash;
using support::Operation;
using support::SimulatedFileSystem;
using Open = FileSystem::Open;

namespace {

std::string text_of(const SimulatedFileSystem& files, const std::string& path) {
    return std::string(as_text(files.contents(path)));
}

}  // namespace

TEST_CASE("killing the process loses nothing that was written, synced or not") {
    SimulatedFileSystem files;
    const auto file = files.open("/f", Open::create).value();
    REQUIRE(file->write_at(as_bytes("written"), 0));
    files.crash(Crash::process_kill);
    CHECK(text_of(files, "/f") == "written");
    CHECK_MESSAGE(!file->write_at(as_bytes("x"), 0), "its files are closed");
    CHECK_FALSE(file->size());
}

TEST_CASE("a power cut keeps what was synced") {
    for (uint64_t seed = 1; seed <= 100; ++seed) {
        SimulatedFileSystem files(seed);
        const auto file = files.open("/f", Open::create).value();
        REQUIRE(file->write_at(as_bytes("synced"), 0));
        REQUIRE(file->sync());
        REQUIRE(files.sync_directory("/"));
        REQUIRE(file->write_at(as_bytes("unsynced"), 6));
        files.crash(Crash::power_cut);
        CHECK(text_of(files, "/f").starts_with("synced"));
    }
}

TEST_CASE("a power cut loses, tears or keeps what was not synced, each for some seed") {
    std::set<std::string> outcomes;
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        SimulatedFileSystem files(seed);
        const auto file = files.open("/f", Open::create).value();
        REQUIRE(files.sync_directory("/"));
        REQUIRE(file->write_at(as_bytes("ab"), 0));
        REQUIRE(file->write_at(as_bytes("cd"), 2));
        files.crash(Crash::power_cut);
        outcomes.insert(text_of(files, "/f"));
    }
    using namespace std::string_literals;
    CHECK(outcomes ==
          std::set{""s, "a"s, "ab"s, "abc"s, "abcd"s, "a\0c"s, "a\0cd"s, "\0\0c"s, "\0\0cd"s});
}

TEST_CASE("a power cut may lose a name whose directory was not synced") {
    std::set<std::vector<std::string>> outcomes;
    for (uint64_t seed = 1; seed <= 50; ++seed) {
        SimulatedFileSystem files(seed);
        REQUIRE(files.open("/a", Open::create));
        REQUIRE(files.sync_directory("/"));
        REQUIRE(files.open("/b", Open::create).value()->sync());
        REQUIRE(files.rename("/a", "/c"));
        files.crash(Crash::power_cut);
        outcomes.insert(files.list("/").value());
    }
    CHECK(outcomes == std::set<std::vector<std::string>>{{"a"}, {"a", "b"}, {"b", "c"}});
}

TEST_CASE("a file in a directory whose own name was lost is lost") {
    bool was_lost = false;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        SimulatedFileSystem files(seed);
        REQUIRE(files.create_directories("/d"));
        REQUIRE(files.open("/d/f", Open::create).value()->sync());
        REQUIRE(files.sync_directory("/d"));
        files.crash(Crash::power_cut);
        was_lost |= !files.exists("/d/f");
        CHECK(files.exists("/d") == files.exists("/d/f"));
    }
    CHECK(was_lost);
}

TEST_CASE("the same seed gives the same power cut") {
    const auto after_power_cut = [](uint64_t seed) {
        SimulatedFileSystem files(seed);
        const auto file = files.open("/f", Open::create).value();
        CHECK(files.sync_directory("/"));
        for (uint64_t i = 0; i < 50; ++i) CHECK(file->write_at(as_bytes("0123456789"), i * 10));
        files.crash(Crash::power_cut);
        return files.contents("/f");
    };
    CHECK(after_power_cut(42) == after_power_cut(42));
    CHECK(after_power_cut(42) != after_power_cut(43));
}

TEST_CASE("the operation that is to fail fails, and no other") {
    SimulatedFileSystem files;
    const auto file = files.open("/f", Open::create).value();
    files.fail_at(2, std::errc::no_space_on_device);
    CHECK(file->write_at(as_bytes("abc"), 0));
    CHECK(file->write_at(as_bytes("def"), 3).error() == std::errc::no_space_on_device);
    CHECK(file->sync());
    CHECK(std::string("abcdef").starts_with(text_of(files, "/f")));
    CHECK(text_of(files, "/f").starts_with("abc"));
}

TEST_CASE("a write that fails has written some prefix, for some seed a torn one") {
    std::set<std::string> outcomes;
    for (uint64_t seed = 1; seed <= 100; ++seed) {
        SimulatedFileSystem files(seed);
        const auto file = files.open("/f", Open::create).value();
        files.fail_at(1);
        CHECK(file->write_at(as_bytes("abc"), 0).error() == std::errc::io_error);
        outcomes.insert(text_of(files, "/f"));
    }
    CHECK(outcomes == std::set<std::string>{"", "a", "ab", "abc"});
}

TEST_CASE("a process that died does nothing more") {
    SimulatedFileSystem files;
    const auto file = files.open("/f", Open::create).value();
    auto lock = files.lock("/lock");
    REQUIRE(lock);
    files.die_at(1);
    CHECK_FALSE(files.open("/g", Open::create));
    CHECK_FALSE(file->write_at(as_bytes("abc"), 0));
    CHECK_FALSE(files.rename("/f", "/h"));
    files.crash(Crash::process_kill);
    CHECK_FALSE(files.exists("/g"));
    CHECK(text_of(files, "/f").empty());
    const auto next = files.lock("/lock");
    CHECK_MESSAGE(next, "the lock is free");
    lock->reset();
    CHECK_MESSAGE(!files.lock("/lock"), "and stays the next process's");
}

TEST_CASE("every operation of a kind fails until healed") {
    SimulatedFileSystem files;
    const auto file = files.open("/f", Open::create).value();
    REQUIRE(file->write_at(as_bytes("abc"), 0));
    Blob target(3);
    files.fail_every(Operation::sync);
    files.fail_every(Operation::read);
    CHECK_FALSE(file->sync());
    CHECK_FALSE(file->sync());
    CHECK_FALSE(file->read_at(target, 0));
    CHECK(file->write_at(as_bytes("x"), 0));
    files.heal();
    CHECK(file->sync());
    CHECK(file->read_at(target, 0) == 3);
}

TEST_CASE("a full disk takes what still fits and overwrites what is there") {
    SimulatedFileSystem files;
    const auto file = files.open("/f", Open::create).value();
    files.limit_space(5);
    CHECK(file->write_at(as_bytes("abc"), 0));
    CHECK(file->write_at(as_bytes("defg"), 3).error() == std::errc::no_space_on_device);
    CHECK(text_of(files, "/f") == "abcde");
    CHECK(file->write_at(as_bytes("ABC"), 0));
    files.heal();
    CHECK(file->write_at(as_bytes("fg"), 5));
}

TEST_CASE("operations and synced bytes are counted") {
    SimulatedFileSystem files;
    const auto file = files.open("/f", Open::create).value();
    REQUIRE(file->write_at(as_bytes("abc"), 0));
    REQUIRE(file->write_at(as_bytes("de"), 3));
    REQUIRE(file->sync());
    REQUIRE(file->sync());
    CHECK(files.operation_count() == 5);
    CHECK(files.operation_count(Operation::write) == 2);
    CHECK(files.operation_count(Operation::sync) == 2);
    CHECK(files.synced_bytes() == 5);
}

TEST_CASE("a disk of its own goes away, alone, and comes back with what it had") {
    SimulatedFileSystem files;
    files.mount("b");
    REQUIRE(files.create_directories("a"));
    REQUIRE(files.create_directories("b/d"));
    const auto file = files.open("b/d/f", Open::create).value();
    REQUIRE(file->write_at(as_bytes("abc"), 0));
    CHECK(files.rename("b/d/f", "a/f").error() == std::errc::cross_device_link);
    support::Outage how{};
    SUBCASE("with errors") { how = support::Outage::errors; }
    SUBCASE("behind an empty directory") { how = support::Outage::unmounted; }
    SUBCASE("without a trace") { how = support::Outage::missing; }
    files.take_away("b", how, 2);
    CHECK(files.exists("b/d/f"));
    CHECK(file->sync());
    CHECK_FALSE(file->write_at(as_bytes("defg"), 3));
    CHECK(files.is_away("b"));
    CHECK_FALSE(files.exists("b/d/f"));
    CHECK(files.is_directory("b") == (how == support::Outage::unmounted));
    CHECK(files.create_directories("b/e").has_value() == (how != support::Outage::errors));
    CHECK(files.open("a/f", Open::create));
    Blob target(3);
    CHECK_FALSE(file->read_at(target, 0));
    files.crash(Crash::power_cut);
    CHECK(files.is_away("b"));
    files.bring_back("b");
    CHECK_FALSE(files.exists("b/e"));
}

TEST_CASE("what was synced on a disk that is away survives a power cut") {
    SimulatedFileSystem files;
    files.mount("b");
    const auto file = files.open("b/f", Open::create).value();
    REQUIRE(file->write_at(as_bytes("abc"), 0));
    REQUIRE(file->sync());
    REQUIRE(files.sync_directory("b"));
    files.take_away("b", support::Outage::missing);
    files.crash(Crash::power_cut);
    files.bring_back("b");
    CHECK(text_of(files, "b/f") == "abc");
}
