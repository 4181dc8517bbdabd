#include "broker/net/frame_reader.h"

#include <algorithm>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cstring>
#include <utility>

#include "protocol/wire.h"

namespace broker::net {

int32_t FrameReader::size_of_next() const {
    return protocol::Reader({buffer_.bytes.get() + begin_, sizeof(int32_t)}).integer<int32_t>();
}

protocol::MutableBytes FrameReader::hand_out(size_t frame_bytes) {
    memory_.filled();
    std::byte* frame = buffer_.bytes.get() + begin_ + sizeof(int32_t);
    begin_ += sizeof(int32_t) + frame_bytes;
    return {frame, frame_bytes};
}

std::optional<protocol::MutableBytes> FrameReader::next_of_held() {
    release();
    if (held_bytes() < sizeof(int32_t)) return std::nullopt;
    const auto size = size_of_next();
    if (size <= 0 || size > frame_bytes_max_) return std::nullopt;
    if (held_bytes() - sizeof(int32_t) < static_cast<size_t>(size)) return std::nullopt;
    if (!memory_.try_grow_to(size)) return std::nullopt;
    return hand_out(static_cast<size_t>(size));
}

asio::awaitable<std::expected<protocol::MutableBytes, FrameEnd>> FrameReader::next() {
    release();
    const bool has_size = co_await fill(sizeof(int32_t));
    if (!has_size) co_return std::unexpected(FrameEnd::closed);
    const auto size = size_of_next();
    if (size <= 0 || size > frame_bytes_max_) {
        refused_size_ = size;
        co_return std::unexpected(size <= 0 ? FrameEnd::not_positive : FrameEnd::too_large);
    }
    const size_t frame_bytes = static_cast<size_t>(size);
    const bool is_whole = co_await fill_frame(frame_bytes);
    if (!is_whole) co_return std::unexpected(FrameEnd::closed);
    co_return hand_out(frame_bytes);
}

// Takes the memory for a frame in steps, each when the one before has come.
asio::awaitable<bool> FrameReader::fill_frame(size_t frame_bytes) {
    size_t expected_bytes = std::min(frame_bytes, free_bytes - sizeof(int32_t));
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
    co_return true;
}

asio::awaitable<void> FrameReader::discard() {
    release();
    for (;;) {
        begin_ = end_ = 0;
        const bool goes_on = co_await fill(1);
        if (!goes_on) co_return;
    }
}

// Reads until `wanted` bytes are there; false when the peer closed before.
asio::awaitable<bool> FrameReader::fill(size_t wanted) {
    while (held_bytes() < wanted) {
        std::error_code error;
        if (may_have_more_) {
            // One that sends without end must not keep the thread for itself.
            co_await asio::post(socket_.get_executor(), asio::use_awaitable);
        } else {
            prepare_wait();
            co_await socket_.async_wait(asio::ip::tcp::socket::wait_read,
                                        asio::redirect_error(asio::use_awaitable, error));
        }
        if (error || !read_more(wanted)) co_return false;
    }
    co_return true;
}

void FrameReader::prepare_wait() {
    sends_much_ = std::exchange(read_since_wait_, 0) > ReadBuffers::small_bytes;
    if (held_bytes() > 0) return;
    buffers_.give_back(std::exchange(buffer_, {}));
    begin_ = end_ = 0;
}

// False: the peer closed, or somebody here.
bool FrameReader::read_more(size_t wanted) {
    make_room(sends_much_ || may_have_more_ ? std::max(wanted, read_bytes_max) : wanted);
    const size_t room = std::min(buffer_.capacity - end_, std::max(read_bytes_max, wanted - end_));
    std::error_code error;
    const size_t got = socket_.read_some(asio::buffer(buffer_.bytes.get() + end_, room), error);
    may_have_more_ = !error && got == room;
    end_ += got;
    read_since_wait_ += got;
    return !error || error == asio::error::would_block;
}

// In a buffer of at least `wanted` bytes, from its begin.
void FrameReader::make_room(size_t wanted) {
    const size_t held = held_bytes();
    if (wanted > buffer_.capacity) {
        auto larger = buffers_.take(wanted);
        if (held > 0) std::memcpy(larger.bytes.get(), buffer_.bytes.get() + begin_, held);
        buffers_.give_back(std::exchange(buffer_, std::move(larger)));
    } else if (begin_ > 0) {
        std::memmove(buffer_.bytes.get(), buffer_.bytes.get() + begin_, held);
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
