// The broker that a load goes to, and what ends a run.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>

#include "protocol/error.h"

namespace bench {

using Clock = std::chrono::steady_clock;

struct Target {
    std::string host, port;
    // Whose work is counted; 0: nobody's.
    pid_t process = 0;
    // The peer is null_broker: no topics, no producer ids, and no word of what is stored.
    bool is_null = false;
};

// Throws std::runtime_error, which ends the run, for an error code.
void require(protocol::ErrorCode error, std::string_view what);

}  // namespace bench
