#include "broker/net/frame_reader.h"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cstring>
#include <utility>

#include "protocol/wire.h"

namespace broker::net {

void FrameReader::release() {
    memory_.give_back();
    if (begin_ != end_) return;
    begin_ = end_ = 0;
    // One large request must not hold its memory for the rest of the connection's life.
    if (capacity_ > trusted_bytes) buffer_.reset(), capacity_ = 0;
}

asio::awaitable<std::expected<protocol::MutableBytes, FrameEnd>> FrameReader::next() {
    release();
    const bool has_size = co_await fill(sizeof(int32_t));
    if (!has_size) co_return std::unexpected(FrameEnd::closed);

    const auto size =
        protocol::Reader({buffer_.get() + begin_, sizeof(int32_t)}).integer<int32_t>();
    if (size <= 0 || size > frame_bytes_max_) {
        refused_size_ = size;
        co_return std::unexpected(size <= 0 ? FrameEnd::not_positive : FrameEnd::too_large);
    }
    const size_t frame_bytes = static_cast<size_t>(size);
    const bool is_whole = co_await fill_frame(frame_bytes);
    if (!is_whole) co_return std::unexpected(FrameEnd::closed);

    std::byte* frame = buffer_.get() + begin_ + sizeof(int32_t);
    begin_ += sizeof(int32_t) + frame_bytes;
    co_return protocol::MutableBytes(frame, frame_bytes);
}

// Takes the memory for a frame in steps, each when the one before has come.
asio::awaitable<bool> FrameReader::fill_frame(size_t frame_bytes) {
    size_t expected_bytes = std::min(frame_bytes, buffer_bytes_min - sizeof(int32_t));
    for (;;) {
        const bool has_come = co_await fill(sizeof(int32_t) + expected_bytes);
        if (!has_come) co_return false;
        if (expected_bytes == frame_bytes) break;
        expected_bytes = std::min(frame_bytes, std::max(trusted_bytes, 2 * expected_bytes));
        const auto wanted = static_cast<int64_t>(expected_bytes);
        if (!memory_.try_grow_to(wanted)) co_await memory_.grow_to(wanted);
    }
    const auto whole = static_cast<int64_t>(frame_bytes);  // of one without steps: only now
    if (!memory_.try_grow_to(whole)) co_await memory_.grow_to(whole);
    memory_.filled();
    co_return true;
}

asio::awaitable<void> FrameReader::discard() {
    memory_.give_back();
    for (;;) {
        begin_ = end_ = 0;
        const bool goes_on = co_await fill(1);
        if (!goes_on) co_return;
    }
}

// Reads until `wanted` bytes are there; false when the peer closed before.
asio::awaitable<bool> FrameReader::fill(size_t wanted) {
    while (end_ - begin_ < wanted) {
        make_room(wanted);
        std::error_code error;
        const auto space = asio::buffer(buffer_.get() + end_, capacity_ - end_);
        const size_t got = co_await socket_.async_read_some(
            space, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return false;
        end_ += got;
    }
    co_return true;
}

void FrameReader::make_room(size_t wanted) {
    const size_t held = end_ - begin_;
    const size_t needed = std::max(wanted, buffer_bytes_min);
    if (needed > capacity_) {
        auto larger = std::make_unique_for_overwrite<std::byte[]>(needed);
        if (held > 0) std::memcpy(larger.get(), buffer_.get() + begin_, held);
        buffer_ = std::move(larger);
        capacity_ = needed;
    } else if (begin_ > 0 && capacity_ - begin_ < needed) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, held);
    } else {
        return;
    }
    begin_ = 0;
    end_ = held;
}

// What has come and waits to be read is not the peer's delay.
void FrameReader::close_if_silent() {
    std::error_code error;
    if (socket_.available(error) == 0) socket_.close(error);
}

}  // namespace broker::net
