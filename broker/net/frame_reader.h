// Cuts a connection's bytes into frames (int32 size, then that many bytes) in one buffer that the
// frame is used from: a request's bytes are not copied on their way to the log.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <expected>
#include <memory>

#include "broker/net/memory_budget.h"
#include "protocol/types.h"

namespace broker::net {

enum class FrameEnd { closed, too_large, not_positive };

class FrameReader {
  public:
    // frame_bytes_max: socket.request.max.bytes.
    FrameReader(asio::ip::tcp::socket& socket, int32_t frame_bytes_max, MemoryBudget& budget)
        : socket_(socket),
          frame_bytes_max_(frame_bytes_max),
          memory_(budget, [this] { close_if_silent(); }) {}
    FrameReader(const FrameReader&) = delete;

    // The next frame, without its size; valid until the next call.
    asio::awaitable<std::expected<protocol::MutableBytes, FrameEnd>> next();
    // Gives back what the last frame takes, which is not valid any more: next() does so itself.
    void release();
    // Reads whatever else comes, and forgets it, until the peer or somebody here closes.
    asio::awaitable<void> discard();

    // The size that was refused, after too_large or not_positive.
    int32_t refused_size() const { return refused_size_; }
    size_t buffer_bytes() const { return capacity_; }

  private:
    asio::awaitable<bool> fill(size_t wanted);
    asio::awaitable<bool> fill_frame(size_t frame_bytes);
    void make_room(size_t wanted);
    void close_if_silent();

    // What a connection's buffer has room for anyway, and a frame of so much takes no memory
    // before it has come.
    static constexpr size_t buffer_bytes_min = 16 << 10;
    // A frame that has begun to come is trusted so far; larger than this, its buffer grows with
    // what has come instead of what was promised.
    static constexpr size_t trusted_bytes = 1 << 20;

    asio::ip::tcp::socket& socket_;
    int32_t frame_bytes_max_;
    MemoryShare memory_;  // of the frame that is read, or was handed out
    int32_t refused_size_ = 0;
    std::unique_ptr<std::byte[]> buffer_;
    size_t capacity_ = 0;
    size_t begin_ = 0;  // of what has been read and not yet handed out
    size_t end_ = 0;
};

}  // namespace broker::net
