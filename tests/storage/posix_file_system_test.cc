#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/file_system.h"
#include "storage/unsynced_file_system.h"
#include "tests/support/simulated_file_system.h"
#include "tests/support/temporary_directory.h"

using namespace storage;
using Open = FileSystem::Open;
using support::TemporaryDirectory;

// What the storage engine asks of any file system; the simulated one has to give the same.
namespace {

void check_contract(FileSystem& files, const std::string& root) {
    const std::string path = root + "/a/b/file";
    CHECK(files.open(path, Open::create).error() == std::errc::no_such_file_or_directory);
    REQUIRE(files.create_directories(root + "/a/b"));
    CHECK_MESSAGE(files.create_directories(root + "/a/b"), "again is no error");
    CHECK(files.open(path, Open::read).error() == std::errc::no_such_file_or_directory);
    CHECK(files.open(path, Open::read_write).error() == std::errc::no_such_file_or_directory);

    const auto file = files.open(path, Open::create).value();
    CHECK(file->size() == 0);
    REQUIRE(file->write_at(as_bytes("hello world"), 0));
    REQUIRE(file->write_at(as_bytes("W"), 6));
    REQUIRE(file->write_at(as_bytes("!"), 13));
    CHECK(file->size() == 14);
    Blob target(20);
    CHECK(file->read_at(target, 0) == 14);
    CHECK_MESSAGE(as_text(Bytes(target).first(14)) == std::string_view("hello World\0\0!", 14),
                  "a hole reads as zeros");
    CHECK(file->read_at(target, 14) == 0);
    CHECK(file->read_at(target, 99) == 0);
    CHECK(file->read_at(MutableBytes(target).first(3), 2) == 3);
    CHECK(as_text(Bytes(target).first(3)) == "llo");
    REQUIRE(file->truncate(5));
    const std::vector<Bytes> parts(150, as_bytes("ab"));
    REQUIRE(file->write_parts_at(parts, 5));
    CHECK(file->size() == 305);
    CHECK(file->read_at(target, 295) == 10);
    CHECK(as_text(Bytes(target).first(10)) == "ababababab");
    REQUIRE(file->truncate(5));
    CHECK(file->sync());
    CHECK(as_text(read_whole(files, path).value()) == "hello");
    CHECK(files.open(path, Open::create).value()->size() == 5);

    CHECK(files.exists(path));
    CHECK_FALSE(files.is_directory(path));
    CHECK(files.is_directory(root + "/a"));
    CHECK_FALSE(files.exists(root + "/c"));
    CHECK_FALSE(files.is_directory(root + "/c"));
    CHECK(files.list(root + "/c").error() == std::errc::no_such_file_or_directory);
    CHECK(files.sync_directory(root + "/a/b"));
    CHECK(files.sync_directory(root + "/c").error() == std::errc::no_such_file_or_directory);

    REQUIRE(files.open(root + "/a/b/Z", Open::create));
    REQUIRE(files.open(root + "/a/b/0", Open::create));
    CHECK(files.list(root + "/a/b").value() == std::vector<std::string>{"0", "Z", "file"});
    CHECK(files.remove(root + "/a/b").error() == std::errc::directory_not_empty);

    REQUIRE(files.rename(path, root + "/a/b/0"));
    CHECK(as_text(read_whole(files, root + "/a/b/0").value()) == "hello");
    CHECK_FALSE(files.exists(path));
    CHECK(files.rename(path, path + "2").error() == std::errc::no_such_file_or_directory);
    REQUIRE(files.rename(root + "/a/b", root + "/a/c"));
    CHECK(as_text(read_whole(files, root + "/a/c/0").value()) == "hello");
    REQUIRE(files.create_directories(root + "/a/d"));
    CHECK(files.rename(root + "/a/d", root + "/a/c").error() == std::errc::directory_not_empty);

    REQUIRE(files.remove(root + "/a/c/0"));
    CHECK(files.remove(root + "/a/c/0").error() == std::errc::no_such_file_or_directory);
    CHECK_MESSAGE(file->size() == 5, "an open file outlives its name");
    REQUIRE(files.remove_all(root + "/a"));
    CHECK_MESSAGE(files.remove_all(root + "/a"), "nothing to remove is no error");
    CHECK_FALSE(files.exists(root + "/a"));
}

void check_locks(FileSystem& files, const std::string& path) {
    auto lock = files.lock(path);
    REQUIRE(lock);
    CHECK(files.exists(path));
    CHECK(files.lock(path).error() == std::errc::resource_unavailable_try_again);
    lock->reset();
    CHECK(files.lock(path));
}

}  // namespace

TEST_CASE("the operating system's files do what the storage engine asks") {
    const TemporaryDirectory root;
    check_contract(posix_file_system(), root.path());
}

TEST_CASE("simulated files do what the storage engine asks") {
    support::SimulatedFileSystem files;
    REQUIRE(files.create_directories("/root"));
    check_contract(files, "/root");
}

TEST_CASE("a lock excludes others until it is let go") {
    const TemporaryDirectory root;
    check_locks(posix_file_system(), root / ".lock");
    support::SimulatedFileSystem simulated;
    check_locks(simulated, "/.lock");
}

TEST_CASE("a lock excludes another process that locks as Java does") {
    const TemporaryDirectory root;
    const auto lock = posix_file_system().lock(root / ".lock");
    REQUIRE(lock);
    const pid_t other = ::fork();
    REQUIRE(other >= 0);
    if (other == 0) {
        struct flock whole_file{};
        whole_file.l_type = F_WRLCK;
        const int descriptor = ::open((root / ".lock").c_str(), O_RDWR);
        ::_exit(::fcntl(descriptor, F_SETLK, &whole_file) == 0 ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(other, &status, 0) == other);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 1);
}

TEST_CASE("a path's directory is what comes before its last name") {
    CHECK(parent_directory("/a/b") == "/a");
    CHECK(parent_directory("/a") == "/");
    CHECK(parent_directory("a") == ".");
    CHECK(parent_directory("a/b") == "a");
}

TEST_CASE("what is removed at exit is written without asking the disk for a sync") {
    support::TemporaryDirectory directory;
    FileSystem& files = unsynced_file_system();
    const auto file = files.open(directory / "a", FileSystem::Open::create);
    REQUIRE(file);
    REQUIRE((*file)->write_at(as_bytes("abc"), 0));
    CHECK((*file)->sync());
    CHECK(as_text(read_whole(posix_file_system(), directory / "a").value()) == "abc");
    // Only who asks would meet the error.
    CHECK_FALSE(posix_file_system().sync_directory(directory / "absent"));
    CHECK(files.sync_directory(directory / "absent"));
}
