#include "tests/broker/client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bit>

namespace broker_fixture {

namespace {

// Long enough for a busy machine: a test that waits so long has failed.
constexpr int patience_ms = 15'000;
constexpr int16_t header_versions_of_unknown_apis = 1;

void append_integer(Blob& blob, std::integral auto value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8)
        blob.push_back(static_cast<std::byte>(value >> shift));
}

void append(Blob& blob, Bytes bytes) { blob.insert(blob.end(), bytes.begin(), bytes.end()); }

}  // namespace

Client::Client(uint16_t port, std::string_view client_id)
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)), client_id_(client_id) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void Client::send_request(int16_t api_key, int16_t version, Bytes body) {
    const auto* api = protocol::find_api(api_key);
    const int16_t header_version =
        api ? api->request_header_version(version) : header_versions_of_unknown_apis;
    protocol::RequestHeader header{.request_api_key = api_key,
                                   .request_api_version = version,
                                   .correlation_id = ++last_correlation_id_};
    header.client_id = {std::string_view(client_id_)};
    const Blob head = protocol::encode(header, header_version);
    Blob frame;
    append_integer(frame, static_cast<int32_t>(head.size() + body.size()));
    append(frame, head);
    append(frame, body);
    expected_.push_back(last_correlation_id_);
    send_bytes(frame);
}

void Client::send_bytes(Bytes bytes) {
    if (held_) return append(*held_, bytes);
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) return;  // The broker closed: the test looks at that.
        bytes = bytes.subspan(static_cast<size_t>(sent));
    }
}

Blob Client::receive_frame() {
    std::byte size[4];
    read(size, sizeof size);
    uint32_t bytes = 0;
    for (const std::byte byte : size) bytes = bytes << 8 | std::to_integer<uint32_t>(byte);
    Blob frame(bytes);
    read(frame.data(), frame.size());
    return frame;
}

void Client::read(std::byte* target, size_t size) {
    while (size > 0) {
        pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
        REQUIRE_MESSAGE(::poll(&readable, 1, patience_ms) == 1, "no answer");
        const ssize_t got = ::recv(socket_, target, size, 0);
        REQUIRE_MESSAGE(got > 0, "the broker closed the connection");
        target += got;
        size -= static_cast<size_t>(got);
    }
}

bool Client::is_closed_by_broker() {
    pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, patience_ms) != 1) return false;
    std::byte byte;
    return ::recv(socket_, &byte, 1, 0) <= 0;
}

bool Client::is_silent(int for_ms) {
    pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
    return ::poll(&readable, 1, for_ms) == 0;
}

void Client::close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

}  // namespace broker_fixture
