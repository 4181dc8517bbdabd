// Writes answers to a connection's socket: bytes from memory, and parts of files that never come
// into the broker's memory (sendfile).
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <functional>
#include <span>
#include <vector>

#include "protocol/codec.h"
#include "storage/log.h"

namespace broker::net {

class SocketWriter {
  public:
    // Where an answer goes, and what is told when that has to wait. Requires: the socket does not
    // block.
    SocketWriter(asio::ip::tcp::socket& socket, std::function<void(bool waits)> waits)
        : socket_(socket), waits_(std::move(waits)) {}

    // All of it; false when the peer is gone. `slices`: what the message left out, in its order.
    asio::awaitable<bool> write(const protocol::Encoded& encoded,
                                std::span<const storage::FileSlice> slices);
    // In two steps: what the socket takes at once, and the rest.
    enum class Progress { done, must_wait, failed };
    Progress write_at_once(protocol::Bytes bytes);
    asio::awaitable<bool> finish();

  private:
    struct Piece {
        protocol::Bytes bytes;
        const storage::FileSlice* slice = nullptr;
        size_t done = 0;

        size_t left() const { return (slice ? slice->size : bytes.size()) - done; }
    };
    Progress write_some();
    Progress send_memory();
    Progress send_file(Piece& piece);

    asio::ip::tcp::socket& socket_;
    std::function<void(bool)> waits_;
    std::vector<Piece> pieces_;
    size_t next_ = 0;
};

}  // namespace broker::net
