// The administrator of a simulated broker: makes the topics, deletes one at times, and looks
// whether transactions are over.
#pragma once

#include <string>

#include "tests/simulation/client.h"

namespace simulation {

class Admin final : public Client {
  public:
    Admin(Scene& scene, int64_t segment_bytes)
        : Client(scene, /*in_order=*/false), segment_bytes_(std::to_string(segment_bytes)) {}

    // Deletes the scratch topic now and then, and makes it again.
    asio::awaitable<void> run() override;
    // Those that are missing.
    asio::awaitable<void> create_topics();
    // Each transaction is complete, and each group's offset that was seen is still there.
    asio::awaitable<void> check_rest();

  private:
    asio::awaitable<void> create(std::string topic, int32_t partition_count);

    const std::string segment_bytes_;
};

}  // namespace simulation
