// A client on one plain socket: sends a request, waits for the answer, and tells what the broker
// did with the connection.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/error.h"
#include "protocol/messages/headers.h"

namespace broker_fixture {

using protocol::Blob;
using protocol::Bytes;
using protocol::ErrorCode;

// An answer, and the frame that its views look into.
template <class Message>
struct Received {
    Blob frame;
    Message message;

    const Message* operator->() const { return &message; }
    const Message& operator*() const { return message; }
};

class Client {
  public:
    explicit Client(uint16_t port, std::string_view client_id = "a-test");
    ~Client() { close(); }
    Client(Client&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)),
          client_id_(std::move(other.client_id_)),
          expected_(std::move(other.expected_)),
          last_correlation_id_(other.last_correlation_id_) {}

    template <class Response, class Request>
    Received<Response> call(const Request& request, int16_t version) {
        send(request, version);
        return receive<Response>(version);
    }

    template <class Request>
    void send(const Request& request, int16_t version) {
        send_request(Request::api_key, version, protocol::encode(request, version));
    }
    // The answer to the oldest request without one. The test fails where none comes.
    template <class Response>
    Received<Response> receive(int16_t version) {
        Received<Response> received{.frame = receive_frame()};
        protocol::Reader reader(received.frame);
        const auto header = protocol::decode<protocol::ResponseHeader>(
            reader, protocol::find_api(Response::api_key)->response_header_version(version));
        REQUIRE(header);
        REQUIRE(!expected_.empty());
        REQUIRE(header->correlation_id == expected_.front());
        expected_.pop_front();
        auto message = protocol::decode<Response>(reader, version);
        REQUIRE(message);
        CHECK(reader.remaining() == 0);
        received.message = *std::move(message);
        return received;
    }

    // A frame with the header that belongs to the API, and any body.
    void send_request(int16_t api_key, int16_t version, Bytes body);
    void send_bytes(Bytes bytes);
    // What is sent meanwhile goes out as one when it is over: the broker reads it together.
    template <class Work>
    void send_together(const Work& work) {
        held_.emplace();
        work();
        send_bytes(*std::exchange(held_, std::nullopt));
    }
    // What was sent so far is not answered (acks=0).
    void forget_unanswered() { expected_.clear(); }
    // Without its size.
    Blob receive_frame();
    // Waits until the broker closes the connection. False: it sends something instead, or neither
    // within some seconds.
    bool is_closed_by_broker();
    // Whether nothing comes for so long.
    bool is_silent(int for_ms);
    void close();

  private:
    void read(std::byte* target, size_t size);

    int socket_ = -1;
    std::optional<Blob> held_;
    std::string client_id_;
    std::deque<int32_t> expected_;  // correlation ids
    int32_t last_correlation_id_ = 0;
};

}  // namespace broker_fixture
