// What a simulation leaves to chance, all of it from one seed, and how it fails.
#pragma once

#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>

namespace simulation {

class Dice {
  public:
    explicit Dice(uint64_t seed) : engine_(seed) {}
    // Both ends are possible.
    int64_t between(int64_t low, int64_t high) {
        return low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low + 1)));
    }
    uint64_t below(uint64_t bound) { return engine_() % bound; }
    bool happens(int64_t percent) { return between(1, 100) <= percent; }

  private:
    std::mt19937_64 engine_;
};

struct Violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string& what) {
    if (!holds) throw Violation(what);
}

}  // namespace simulation
