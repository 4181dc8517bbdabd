// One client's connection: reads a frame, runs its request, writes the answer, in that order, one
// request at a time, as Apache Kafka treats a connection.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <optional>
#include <span>
#include <string>

#include "broker/config/broker_config.h"
#include "broker/event.h"
#include "broker/net/frame_reader.h"
#include "broker/net/socket_writer.h"
#include "broker/partition/append_group.h"
#include "broker/request_context.h"
#include "protocol/codec.h"
#include "protocol/messages/headers.h"

namespace broker {
class Broker;
struct ServedApi;
struct Shard;
}  // namespace broker

namespace broker::net {

class Connection {
  public:
    Connection(asio::ip::tcp::socket socket, Broker& broker, Shard& home,
               const config::Listener& listener);

    // Until the peer closes, breaks the protocol, or close() is called.
    asio::awaitable<void> serve();

    // At once when it waits for a request; else soon after the answer to the one at hand.
    void close();
    // At once, whatever it is at.
    void abandon();
    // Since when it waits for its peer, who sends no request or does not read the answer; nullopt
    // while it works on a request.
    std::optional<int64_t> idle_since_ms() const { return idle_since_ms_; }
    const std::string& client_host() const { return client_host_; }

  private:
    struct Request {
        const ServedApi* served = nullptr;  // null: ApiVersions of a version to come
        protocol::RequestHeader header;
        protocol::Bytes frame;
        protocol::Bytes body;
        bool has_tags = false;  // in the answer's header
    };

    asio::awaitable<void> drain();
    asio::awaitable<void> wait_out_throttle();
    asio::awaitable<std::expected<protocol::MutableBytes, FrameEnd>> next_frame();
    std::optional<Request> read_head(protocol::MutableBytes frame) const;
    void log(const Request& request) const;
    RequestContext context_of(const Request& request);
    std::optional<bool> answer_at_once(const Request& request);
    asio::awaitable<bool> answer(const Request& request);
    asio::awaitable<bool> hold_or_write(const protocol::Encoded& encoded,
                                        std::span<const storage::FileSlice> slices);
    bool write_out_appends();
    std::optional<bool> write_held_at_once();
    asio::awaitable<bool> finish_held();
    asio::awaitable<bool> write_held();
    asio::awaitable<bool> settle();
    void note_wait(bool waits);
    void log_refused_frame(FrameEnd end) const;

    asio::ip::tcp::socket socket_;
    Broker& broker_;
    Shard& home_;
    const config::Listener& listener_;
    FrameReader frames_;
    SocketWriter writer_;
    std::string client_host_;  // as Kafka shows it: "/127.0.0.1"
    uint16_t client_port_ = 0;
    std::string local_host_;
    ConnectionState state_;
    // Answers that wait for those of the requests that came together with theirs, and what those
    // have to write yet.
    protocol::Blob held_;
    partition::AppendGroup appends_;
    // Of the log failures, before the first request whose answer is held or about to be written.
    std::optional<uint64_t> unsettled_since_;
    std::optional<int64_t> idle_since_ms_;
    // A client above its quota: answered, and not read until then.
    int64_t throttled_until_ms_ = 0;
    Event* throttle_over_ = nullptr;
    bool is_reading_ = false;
    bool is_closing_ = false;
};

}  // namespace broker::net
