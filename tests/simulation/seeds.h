// What the main() of a simulation does: its seeds one after the other, up to the first that fails.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace simulation {

// Calls run(seed, is_only_one) for the seeds that the arguments FIRST_SEED COUNT name. Gives the
// exit status, and prints which seed threw a std::runtime_error, and how to run it alone.
int run_seeds(int argument_count, char** arguments, const auto& run) {
    std::string_view program = arguments[0];
    program.remove_prefix(program.rfind('/') + 1);
    if (argument_count != 3) {
        fmt::print(stderr, "usage: {} FIRST_SEED COUNT\n", program);
        return 2;
    }
    const uint64_t first = std::strtoull(arguments[1], nullptr, 10);
    const uint64_t count = std::strtoull(arguments[2], nullptr, 10);
    for (uint64_t seed = first; seed < first + count; ++seed) {
        try {
            run(seed, count == 1);
        } catch (const std::runtime_error& failure) {
            fmt::print("seed {}: {}\nreplay: {} {} 1\n", seed, failure.what(), program, seed);
            return 1;
        }
    }
    fmt::print("{} seeds from {} on: no failure\n", count, first);
    return 0;
}

}  // namespace simulation
