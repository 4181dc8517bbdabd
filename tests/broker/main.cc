// The tests of the broker as its clients see it, and of its parts without I/O.
#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <filesystem>

int main(int argument_count, char** arguments) {
    spdlog::set_level(spdlog::level::off);  // Most of what is tested is worth a warning.
    // No test cuts the power: in memory the hundreds of brokers start and stop ten times as fast.
    constexpr int keep_what_is_set = 0;
    if (std::filesystem::is_directory("/dev/shm")) setenv("TMPDIR", "/dev/shm", keep_what_is_set);
    return doctest::Context(argument_count, arguments).run();
}
