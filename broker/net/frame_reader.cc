#include "broker/net/frame_reader.h"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cstring>
#include <utility>

#include "protocol/wire.h"

namespace broker::net {

asio::awaitable<std::expected<protocol::MutableBytes, FrameEnd>> FrameReader::next() {
    budget_.give_back(std::exchange(held_bytes_, 0));
    if (begin_ == end_) {
        begin_ = end_ = 0;
        // One large request must not hold its memory for the rest of the connection's life.
        if (capacity_ > trusted_bytes) buffer_.reset(), capacity_ = 0;
    }
    const bool has_size = co_await fill(sizeof(int32_t));
    if (!has_size) co_return std::unexpected(FrameEnd::closed);

    const auto size =
        protocol::Reader({buffer_.get() + begin_, sizeof(int32_t)}).integer<int32_t>();
    if (size <= 0 || size > frame_bytes_max_) {
        refused_size_ = size;
        co_return std::unexpected(size <= 0 ? FrameEnd::not_positive : FrameEnd::too_large);
    }
    co_await budget_.take(size);
    held_bytes_ = size;
    const size_t frame_bytes = static_cast<size_t>(size);
    const bool is_whole = co_await fill(sizeof(int32_t) + frame_bytes);
    if (!is_whole) co_return std::unexpected(FrameEnd::closed);

    std::byte* frame = buffer_.get() + begin_ + sizeof(int32_t);
    begin_ += sizeof(int32_t) + frame_bytes;
    co_return protocol::MutableBytes(frame, frame_bytes);
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
    const size_t trusted = std::max(trusted_bytes, 2 * held);
    const size_t needed = std::max(std::min(wanted, trusted), buffer_bytes_min);
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

}  // namespace broker::net
