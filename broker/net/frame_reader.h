// Cuts a connection's bytes into frames (int32 size, then that many bytes) in one buffer that the
// frame is used from: a request's bytes are not copied on their way to the log.
#pragma once

#include <array>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <expected>
#include <optional>

#include "broker/net/memory_budget.h"
#include "broker/net/read_buffers.h"
#include "protocol/types.h"

namespace broker::net {

enum class FrameEnd { closed, too_large, not_positive };

class FrameReader {
  public:
    // frame_bytes_max: socket.request.max.bytes. Requires: the socket does not block.
    FrameReader(asio::ip::tcp::socket& socket, int32_t frame_bytes_max, MemoryBudget& budget)
        : socket_(socket),
          frame_bytes_max_(frame_bytes_max),
          buffers_(budget.buffers()),
          memory_(budget, [this] { close_if_silent(); }) {}
    ~FrameReader() { buffers_.give_back(std::move(buffer_)); }
    FrameReader(const FrameReader&) = delete;

    // The next frame, without its size; valid until the next call of either.
    asio::awaitable<std::expected<protocol::MutableBytes, FrameEnd>> next();
    // Whether all of it has come.
    bool holds_next() const;
    // The same if all of it has come; nullopt: next() tells what comes, and may have to wait.
    std::optional<protocol::MutableBytes> next_of_held();
    // Gives back what the last frame takes, which is not valid any more: both do so themselves.
    void release() { memory_.give_back(); }
    // Reads whatever else comes, and forgets it, until the peer or somebody here closes.
    asio::awaitable<void> discard();

    // The size that was refused, after too_large or not_positive.
    int32_t refused_size() const { return refused_size_; }

  private:
    asio::awaitable<bool> more(size_t wanted);
    asio::awaitable<bool> fill_frame(size_t frame_bytes);
    size_t held_bytes() const { return end_ - begin_; }
    int32_t size_of_next() const;
    protocol::MutableBytes hand_out(size_t frame_bytes);
    protocol::MutableBytes room(size_t wanted);
    bool read_at_once(size_t wanted);
    void make_room(size_t wanted);
    void close_if_silent();

    // A frame of so much takes no memory before it has come.
    static constexpr size_t free_bytes = ReadBuffers::small_bytes;
    // A frame that has begun to come is trusted so far; larger than this, its buffer grows with
    // what has come instead of what was promised.
    static constexpr size_t trusted_bytes = 1 << 20;
    // As much is read at a time, of many small frames: what a core's cache holds.
    static constexpr size_t read_bytes_max = 256 << 10;

    asio::ip::tcp::socket& socket_;
    int32_t frame_bytes_max_;
    ReadBuffers& buffers_;
    MemoryShare memory_;  // of the frame that is read, or was handed out
    int32_t refused_size_ = 0;
    std::array<std::byte, 1024> first_;  // of what comes after nothing was held
    ReadBuffers::Buffer buffer_;         // none while nothing is held and nothing comes
    size_t begin_ = 0;                   // of what has been read and not yet handed out
    size_t end_ = 0;
    bool may_have_more_ = false;  // the socket, at once: the last read filled its room
    // The peer has sent more than a small buffer holds since it was waited for, or the last time.
    bool sends_much_ = false;
    size_t read_since_wait_ = 0;
};

}  // namespace broker::net
