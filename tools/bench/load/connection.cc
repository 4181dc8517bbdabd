#include "tools/bench/load/connection.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "protocol/frame.h"
#include "protocol/messages/api_versions.h"
#include "tools/bench/load/big_endian.h"

namespace bench {

namespace {

constexpr size_t read_bytes = 4096;

[[noreturn]] void throw_closed() { throw std::runtime_error("the broker closed the connection"); }

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Addresses resolve(const std::string& host, const std::string& port) {
    const addrinfo wanted{.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found))
        throw std::runtime_error(host + ": " + ::gai_strerror(error));
    return {found, &::freeaddrinfo};
}

}  // namespace

Blob request_frame(int16_t api_key, int16_t version, const protocol::Encoded& body) {
    const protocol::RequestHeader header{
        .request_api_key = api_key, .request_api_version = version, .client_id = "bench"};
    const int16_t header_version = protocol::find_api(api_key)->request_header_version(version);
    const Blob head = protocol::encode(header, header_version);
    Blob frame(protocol::frame_size_bytes);
    store(frame, 0, static_cast<uint32_t>(head.size() + body.total_bytes));
    frame.insert(frame.end(), head.begin(), head.end());
    size_t done = 0;
    for (const protocol::Splice& splice : body.splices) {
        frame.insert(frame.end(), body.bytes.begin() + done, body.bytes.begin() + splice.at);
        frame.insert(frame.end(), splice.records.begin(), splice.records.end());
        done = splice.at;
    }
    frame.insert(frame.end(), body.bytes.begin() + done, body.bytes.end());
    return frame;
}

Connection::Connection(const Target& target) {
    const Addresses addresses = resolve(target.host, target.port);
    for (const addrinfo* at = addresses.get(); at; at = at->ai_next) {
        socket_ = ::socket(at->ai_family, at->ai_socktype, at->ai_protocol);
        if (::connect(socket_, at->ai_addr, at->ai_addrlen) == 0) break;
        ::close(std::exchange(socket_, -1));
    }
    if (socket_ < 0) throw std::runtime_error(target.host + ":" + target.port + ": nobody listens");
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() {
    if (socket_ >= 0) ::close(socket_);
}

void Connection::send(Bytes frame) {
    while (!frame.empty()) {
        const ssize_t sent = ::send(socket_, frame.data(), frame.size(), MSG_NOSIGNAL);
        if (sent < 0) throw_closed();
        frame = frame.subspan(static_cast<size_t>(sent));
    }
}

Bytes Connection::receive() {
    hold(protocol::frame_size_bytes);
    const size_t size = load<uint32_t>(buffer_, held_from_);
    hold(protocol::frame_size_bytes + size);
    const Bytes answer = Bytes(buffer_).subspan(held_from_ + protocol::frame_size_bytes, size);
    held_from_ += protocol::frame_size_bytes + size;
    return answer;
}

size_t Connection::discard() {
    std::array<std::byte, protocol::frame_size_bytes> head{};
    if (::recv(socket_, head.data(), head.size(), MSG_WAITALL) != head.size()) throw_closed();
    const size_t size = load<uint32_t>(head, 0);
    for (size_t left = size; left > 0;) {
        const ssize_t dropped = ::recv(socket_, nullptr, left, MSG_TRUNC);
        if (dropped <= 0) throw_closed();
        left -= static_cast<size_t>(dropped);
    }
    return head.size() + size;
}

void Connection::say_hello() {
    constexpr int16_t version = 3;
    const protocol::ApiVersionsRequest request{.client_software_name = "bench",
                                               .client_software_version = "1"};
    require(call<protocol::ApiVersionsResponse>(request, version).error_code,
            "asking for versions");
}

void Connection::finish() {
    ::shutdown(socket_, SHUT_WR);
    std::byte unexpected;
    if (::recv(socket_, &unexpected, 1, 0) != 0)
        throw std::runtime_error("the broker did not close the connection in order");
}

void Connection::hold(size_t size) {
    if (held_to_ - held_from_ >= size) return;
    std::memmove(buffer_.data(), buffer_.data() + held_from_, held_to_ - held_from_);
    held_to_ -= std::exchange(held_from_, 0);
    if (buffer_.size() < size) buffer_.resize(std::max(size, read_bytes));
    while (held_to_ < size) {
        const ssize_t got =
            ::recv(socket_, buffer_.data() + held_to_, buffer_.size() - held_to_, 0);
        if (got <= 0) throw_closed();
        held_to_ += static_cast<size_t>(got);
    }
}

}  // namespace bench
