// Who moves the logs of a simulated broker from disk to disk, takes that back, and changes his
// mind.
#pragma once

#include <string>

#include "tests/simulation/keepers.h"

namespace simulation {

class Mover final : public Keeper {
  public:
    explicit Mover(Depot& depot) : Keeper(depot, /*in_order=*/false) {}
    asio::awaitable<void> run() override;
    // To the other directory, and it gets there. Requires: all disks are there, nothing fails.
    asio::awaitable<void> move_for_sure(Account& account);
    uint64_t moved_count() const { return moved_count_; }

  private:
    // Whether it was promised.
    asio::awaitable<bool> move(Account& account, std::string directory);

    uint64_t moved_count_ = 0;
};

}  // namespace simulation
