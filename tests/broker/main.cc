// The tests of the broker as its clients see it, and of its parts without I/O.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

int main(int argument_count, char** arguments) {
    spdlog::set_level(spdlog::level::off);  // Most of what is tested is worth a warning.
    return doctest::Context(argument_count, arguments).run();
}
