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

bool FrameReader::holds_next() const {
    if (held_bytes() < sizeof(int32_t)) return false;
    const auto size = size_of_next();
    return size > 0 && size <= frame_bytes_max_ &&
           held_bytes() - sizeof(int32_t) >= static_cast<size_t>(size);
}

std::optional<protocol::MutableBytes> FrameReader::next_of_held() {
    release();
    if (!holds_next()) return std::nullopt;
    const auto size = size_of_next();
    if (!memory_.try_grow_to(size)) return std::nullopt;
    return hand_out(static_cast<size_t>(size));
}

asio::awaitable<std::expected<protocol::MutableBytes, FrameEnd>> FrameReader::next() {
    release();
    while (held_bytes() < sizeof(int32_t)) {
        const bool goes_on = co_await more(sizeof(int32_t));
        if (!goes_on) co_return std::unexpected(FrameEnd::closed);
    }
    // As nearly always, one read has brought all of it.
    if (const auto whole = next_of_held()) co_return *whole;
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
        while (held_bytes() < sizeof(int32_t) + expected_bytes) {
            const bool goes_on = co_await more(sizeof(int32_t) + expected_bytes);
            if (!goes_on) co_return false;
        }
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
    for (bool goes_on = true; goes_on;) {
        begin_ = end_ = 0;
        goes_on = co_await more(1);
    }
}

// Reads on, with room for `wanted` bytes in all. False: the peer closed, or somebody here.
asio::awaitable<bool> FrameReader::more(size_t wanted) {
    if (may_have_more_) {
        // One that sends without end must not keep the thread for itself.
        co_await asio::post(socket_.get_executor(), asio::use_awaitable);
        co_return read_at_once(wanted);
    }
    sends_much_ = std::exchange(read_since_wait_, 0) > ReadBuffers::small_bytes;
    const bool is_empty = held_bytes() == 0;
    if (is_empty) buffers_.give_back(std::exchange(buffer_, {}));
    const protocol::MutableBytes target = is_empty ? protocol::MutableBytes(first_) : room(wanted);
    std::error_code error;
    const size_t got =
        co_await socket_.async_read_some(asio::buffer(target.data(), target.size()),
                                         asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
    may_have_more_ = got == target.size();
    read_since_wait_ += got;
    end_ += got;
    if (!is_empty) co_return true;
    begin_ = 0;
    end_ = got;
    buffer_ = buffers_.take(sends_much_ || may_have_more_ ? read_bytes_max : got);
    std::memcpy(buffer_.bytes.get(), first_.data(), got);
    co_return !may_have_more_ || read_at_once(wanted);
}

// What the socket has. False: the peer closed, or somebody here.
bool FrameReader::read_at_once(size_t wanted) {
    const protocol::MutableBytes target = room(wanted);
    std::error_code error;
    const size_t got = socket_.read_some(asio::buffer(target.data(), target.size()), error);
    may_have_more_ = !error && got == target.size();
    end_ += got;
    read_since_wait_ += got;
    return !error || error == asio::error::would_block;
}

// Behind what is held, for the rest of `wanted` bytes or more.
protocol::MutableBytes FrameReader::room(size_t wanted) {
    make_room(sends_much_ || may_have_more_ ? std::max(wanted, read_bytes_max) : wanted);
    const size_t size = std::min(buffer_.capacity - end_, std::max(read_bytes_max, wanted - end_));
    return {buffer_.bytes.get() + end_, size};
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
