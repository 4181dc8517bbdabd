// A Fetch request of some partitions of a topic, and what its answer holds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/bench/load/connection.h"

namespace bench {

struct FetchShape {
    bool is_committed = false;
    int32_t partition_bytes_max = 1 << 20;
    int32_t wait_ms_max = 500;
};

class FetchPosition {
  public:
    FetchPosition(std::string topic, int32_t partitions, const FetchShape& shape)
        : topic_(std::move(topic)), shape_(shape), offsets_(partitions) {}

    // Asks for what comes next in each partition.
    Blob frame() const;

    struct Batch {
        int64_t base_offset = 0;
        int64_t next_offset = 0;
    };
    // Moves on behind the answer's whole batches, which it gives.
    // Throws std::runtime_error for an answer with an error.
    std::vector<Batch> move_on(Bytes answer);

  private:
    std::string topic_;
    FetchShape shape_;
    std::vector<int64_t> offsets_;
};

}  // namespace bench
