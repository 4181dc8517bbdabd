// A shard's supply of producer ids (KIP-730): blocks from the controller, handed out one by one.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <expected>

#include "protocol/error.h"

namespace broker {

namespace metadata {
class Controller;
}

class ProducerIds {
  public:
    explicit ProducerIds(metadata::Controller& controller) : controller_(controller) {}

    // Makes sure that peek() has an id. Errors: those of writing the metadata log.
    asio::awaitable<std::expected<void, protocol::ErrorCode>> refill();

    // An id that nobody has; the same again until take(). Requires: refill() before, without a
    // suspension in between.
    int64_t peek() const { return next_; }
    int64_t take() { return next_++; }

  private:
    metadata::Controller& controller_;
    int64_t next_ = 0;
    int64_t end_ = 0;
};

}  // namespace broker
