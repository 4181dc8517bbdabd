// A connection of a load generator: blocking, and whatever goes wrong ends the run.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/messages/headers.h"
#include "tools/bench/load/target.h"

namespace bench {

using protocol::Blob;
using protocol::Bytes;

// A request frame: size, header and body.
Blob request_frame(int16_t api_key, int16_t version, const protocol::Encoded& body);

class Connection {
  public:
    // Throws std::runtime_error: nobody listens there, or the name is unknown.
    explicit Connection(const Target& target);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Both throw std::runtime_error where the broker closed the connection.
    void send(Bytes frame);
    // The oldest answer not yet received, without its size. Valid until the next one.
    Bytes receive();
    // Lets the kernel drop that answer; its bytes with its size. Requires: no other is due.
    size_t discard();
    // Sends nothing more, and waits until the peer, having read everything, closes.
    void finish();

    // Sends a request and decodes its answer. Requires: no other answer is due.
    template <class Response, class Request>
    Response call(const Request& request, int16_t version) {
        send(request_frame(Request::api_key, version, encode_gathered(request, version)));
        return decode_answer<Response>(receive(), version);
    }

    template <class Response>
    static Response decode_answer(Bytes answer, int16_t version) {
        protocol::Reader reader(answer);
        const int16_t header_version =
            protocol::find_api(Response::api_key)->response_header_version(version);
        if (protocol::decode<protocol::ResponseHeader>(reader, header_version))
            if (auto message = protocol::decode<Response>(reader, version))
                return *std::move(message);
        throw std::runtime_error("an answer cannot be read");
    }

    // A client's first request, ApiVersions, so that a broker has done for the connection what it
    // does for any.
    void say_hello();

    int socket() const { return socket_; }

  private:
    // Waits until so many bytes are held.
    void hold(size_t size);

    int socket_ = -1;
    Blob buffer_;
    size_t held_from_ = 0;
    size_t held_to_ = 0;
};

}  // namespace bench
