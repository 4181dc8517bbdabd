// Topics as the loads need them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/bench/load/connection.h"
#include "tools/bench/load/target.h"

namespace bench {

struct Topic {
    std::string name = "bench";
    int32_t partitions = 1;
};

// Creates it, unless it is there, and waits until all of its partitions serve.
void create_topic(const Target& target, const Topic& topic);
void delete_topic(const Target& target, const Topic& topic);

// The offsets that the partitions end with, summed up; nullopt while one has no leader yet.
std::optional<int64_t> stored_offsets(Connection& connection, const Topic& topic);

}  // namespace bench
