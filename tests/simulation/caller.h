// Whoever asks something of a simulated broker, again and again until it is answered.
#pragma once

#include <optional>
#include <utility>

#include "protocol/error.h"
#include "tests/simulation/network.h"

namespace simulation {

using protocol::ErrorCode;

// What all callers of one simulation share.
struct Stage {
    Machine& machine;
    Network& network;
    bool is_over = false;  // nobody begins anything new
    int caller_count = 0;
};

bool is_retriable(ErrorCode error);

class Caller {
  public:
    Caller(Stage& stage, bool in_order)
        : number_(++stage.caller_count), line_(in_order), stage_(stage) {}
    virtual ~Caller() = default;

  protected:
    Machine& machine() { return stage_.machine; }
    Dice& dice() { return stage_.machine.dice; }

    // Once. Nullopt: there was no answer in time.
    template <class Response, class Request>
    asio::awaitable<std::optional<Received<Response>>> call(Request request, int16_t version) {
        co_return co_await stage_.network.template call<Response>(std::move(request), version,
                                                                  &line_);
    }

    // Asks again and again, for want of an answer or with one that says to, until `until_ms` or the
    // end of the scene. Nullopt: no answer that tells anything.
    template <class Response, class Request>
    asio::awaitable<std::optional<Received<Response>>> ask(Request request, int16_t version,
                                                           ErrorCode (*error_of)(const Response&),
                                                           int64_t until_ms) {
        for (attempt_count_ = 1;; ++attempt_count_) {
            auto received = co_await call<Response>(request, version);
            if (received && !is_retriable(error_of(received->message)))
                co_return std::move(received);
            const bool is_late = machine().clock.now_ms() >= until_ms;
            if (is_late || stage_.is_over) co_return std::nullopt;
            if (received) co_await machine().pause(dice().between(10, 100));
        }
    }

    const int number_;
    Line line_;
    int attempt_count_ = 0;  // of the last request

  private:
    Stage& stage_;
};

}  // namespace simulation
