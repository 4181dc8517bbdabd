// The way between simulated clients and the broker: requests are late, repeated, lost, overtaken,
// and so are their answers. What travels is the bytes of real clients.
#pragma once

#include <memory>
#include <optional>

#include "protocol/codec.h"
#include "tests/simulation/machine.h"

namespace simulation {

// An answer, and the bytes that its views look into.
template <class Message>
struct Received {
    protocol::Blob bytes;
    Message message;
    const Message* operator->() const { return &message; }
};

// How a client's requests relate to one another.
class Line {
  public:
    // In order: before a request is tried again the connection is closed, and nothing that was sent
    // on it before is executed any more. Clients before KIP-890 rely on this.
    // Otherwise late and repeated requests are executed whenever they arrive.
    explicit Line(bool in_order) : in_order_(in_order), repeats_(!in_order) {}
    bool repeats() const { return repeats_; }
    void set_repeats(bool repeats) { repeats_ = repeats && !in_order_; }
    bool is_in_order() const { return in_order_; }
    uint64_t reconnect() { return ++*connection_; }
    std::shared_ptr<const uint64_t> connection() const { return connection_; }

  private:
    bool in_order_, repeats_;
    std::shared_ptr<uint64_t> connection_ = std::make_shared<uint64_t>(0);
};

class Network {
  public:
    explicit Network(Machine& machine);

    // Sends a request once. Nullopt: there was no answer in time.
    template <class Response, class Request>
    asio::awaitable<std::optional<Received<Response>>> call(Request request, int16_t version,
                                                            Line* line) {
        auto answer =
            co_await exchange(Request::api_key, version, protocol::encode(request, version), line);
        if (!answer) co_return std::nullopt;
        Received<Response> received{.bytes = std::move(*answer)};
        auto message = protocol::decode<Response>(received.bytes, version);
        require(message.has_value(), "an answer cannot be read");
        received.message = *std::move(message);
        co_return received;
    }

    // From now on everything arrives, once and soon.
    void calm() { loss_percent_ = repeat_percent_ = late_percent_ = 0; }
    uint64_t request_count() const { return request_count_; }

  private:
    struct Exchange;
    asio::awaitable<std::optional<protocol::Blob>> exchange(int16_t key, int16_t version,
                                                            protocol::Blob body, Line* line);
    asio::awaitable<void> carry(std::shared_ptr<Exchange> exchange);
    asio::awaitable<void> serve(std::shared_ptr<Exchange> exchange, broker::Broker& broker,
                                broker::Shard& home);
    asio::awaitable<void> bring_back(std::shared_ptr<Exchange> exchange, protocol::Blob answer);
    int64_t delay_ms();

    Machine& machine_;
    int loss_percent_, repeat_percent_, late_percent_;
    uint64_t request_count_ = 0;
};

}  // namespace simulation
