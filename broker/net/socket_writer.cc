#include "broker/net/socket_writer.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>

namespace broker::net {

asio::awaitable<bool> SocketWriter::write(const protocol::Encoded& encoded,
                                          std::span<const storage::FileSlice> slices) {
    pieces_.clear();
    size_t written = 0;
    auto slice = slices.begin();
    for (const protocol::Splice& splice : encoded.splices) {
        pieces_.push_back(
            {.bytes = protocol::Bytes(encoded.bytes).subspan(written, splice.at - written)});
        if (splice.elsewhere_bytes > 0)
            pieces_.push_back({.slice = &*slice++});
        else
            pieces_.push_back({.bytes = splice.records});
        written = splice.at;
    }
    // Nothing would not tell the socket that no more comes.
    if (written < encoded.bytes.size())
        pieces_.push_back({.bytes = protocol::Bytes(encoded.bytes).subspan(written)});
    next_ = 0;
    return finish();
}

SocketWriter::Progress SocketWriter::write_at_once(protocol::Bytes bytes) {
    pieces_.assign(1, {.bytes = bytes});
    next_ = 0;
    return write_some();
}

asio::awaitable<bool> SocketWriter::finish() {
    for (Progress progress = write_some(); progress != Progress::done; progress = write_some()) {
        if (progress == Progress::failed) co_return false;
        std::error_code error;
        waits_(true);
        co_await socket_.async_wait(asio::ip::tcp::socket::wait_write,
                                    asio::redirect_error(asio::use_awaitable, error));
        waits_(false);
        if (error) co_return false;
    }
    co_return true;
}

SocketWriter::Progress SocketWriter::write_some() {
    while (next_ < pieces_.size()) {
        const Progress progress = pieces_[next_].slice ? send_file(pieces_[next_]) : send_memory();
        if (progress != Progress::done) return progress;
    }
    return Progress::done;
}

// Of the pieces from the next one on, those before a file.
SocketWriter::Progress SocketWriter::send_memory() {
    std::array<iovec, 64> parts;
    size_t count = 0;
    size_t total = 0;
    for (size_t i = next_; i < pieces_.size() && !pieces_[i].slice && count < parts.size(); ++i) {
        const auto left = pieces_[i].bytes.subspan(pieces_[i].done);
        parts[count++] = {const_cast<std::byte*>(left.data()), left.size()};
        total += left.size();
    }
    msghdr message{.msg_iov = parts.data(), .msg_iovlen = count};
    // What follows belongs into the same packets.
    const int more = next_ + count < pieces_.size() ? MSG_MORE : 0;
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | more);
    if (sent < 0 && errno == EINTR) return Progress::done;
    if (sent < 0) return errno == EAGAIN ? Progress::must_wait : Progress::failed;
    for (size_t rest = static_cast<size_t>(sent); next_ < pieces_.size();) {
        Piece& piece = pieces_[next_];
        if (piece.slice) break;
        const size_t taken = std::min(rest, piece.left());
        piece.done += taken;
        rest -= taken;
        if (piece.left() > 0) break;
        ++next_;
    }
    return static_cast<size_t>(sent) == total ? Progress::done : Progress::must_wait;
}

SocketWriter::Progress SocketWriter::send_file(Piece& piece) {
    auto position = static_cast<off_t>(piece.slice->position + piece.done);
    const ssize_t sent = ::sendfile(socket_.native_handle(), piece.slice->file->descriptor(),
                                    &position, piece.left());
    if (sent < 0 && errno == EINTR) return Progress::done;
    if (sent < 0) return errno == EAGAIN ? Progress::must_wait : Progress::failed;
    // The file is shorter than it was: what was promised cannot be kept.
    if (sent == 0) return Progress::failed;
    piece.done += static_cast<size_t>(sent);
    if (piece.left() > 0) return Progress::must_wait;
    ++next_;
    return Progress::done;
}

}  // namespace broker::net
