// The connections of one shard, and how they end: by their peers, when idle, or with the broker.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>

namespace broker {
struct Shard;
}

namespace broker::net {

class Connection;

// Requires: used on the shard's thread.
class Connections {
  public:
    explicit Connections(Shard& home) : home_(home) {}

    // Serves it until either side closes; then calls `ended`.
    void add(std::unique_ptr<Connection> connection, std::function<void()> ended);

    size_t count() const { return open_.size(); }
    // Those that wait for a request close now, the others after their answer.
    void close_all();
    // connections.max.idle.ms; -1: never.
    void close_idle(int64_t idle_max_ms);

  private:
    asio::awaitable<void> serve(std::unique_ptr<Connection> connection,
                                std::function<void()> ended);

    Shard& home_;
    std::list<Connection*> open_;
};

}  // namespace broker::net
