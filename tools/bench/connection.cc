#include "tools/bench/connection.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "protocol/frame.h"
#include "tools/bench/big_endian.h"

namespace bench {

namespace {

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
    store_uint32(frame, 0, static_cast<uint32_t>(head.size() + body.total_bytes));
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

Connection::Connection(const std::string& host, const std::string& port) {
    const Addresses addresses = resolve(host, port);
    for (const addrinfo* at = addresses.get(); at; at = at->ai_next) {
        socket_ = ::socket(at->ai_family, at->ai_socktype, at->ai_protocol);
        if (::connect(socket_, at->ai_addr, at->ai_addrlen) == 0) break;
        ::close(std::exchange(socket_, -1));
    }
    if (socket_ < 0) throw std::runtime_error(host + ":" + port + ": nobody listens");
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() {
    if (socket_ >= 0) ::close(socket_);
}

void Connection::send(Bytes frame) {
    while (!frame.empty()) {
        const ssize_t sent = ::send(socket_, frame.data(), frame.size(), MSG_NOSIGNAL);
        if (sent < 0) throw std::runtime_error("the broker closed the connection");
        frame = frame.subspan(static_cast<size_t>(sent));
    }
}

Bytes Connection::receive() { return read(load_uint32(read(protocol::frame_size_bytes), 0)); }

void Connection::finish() {
    ::shutdown(socket_, SHUT_WR);
    std::byte unexpected;
    if (::recv(socket_, &unexpected, 1, 0) != 0)
        throw std::runtime_error("the broker did not close the connection in order");
}

Bytes Connection::read(size_t size) {
    if (received_.size() < size) received_.resize(size);
    for (size_t done = 0; done < size;) {
        const ssize_t got = ::recv(socket_, received_.data() + done, size - done, 0);
        if (got <= 0) throw std::runtime_error("the broker closed the connection");
        done += static_cast<size_t>(got);
    }
    return Bytes(received_).first(size);
}

}  // namespace bench
