// A simulated client: asks until it is answered, and reads what a read-committed consumer reads.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/error.h"
#include "protocol/messages/fetch.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/network.h"

namespace simulation {

using protocol::ErrorCode;

// What all clients of one simulation share.
struct Scene {
    Machine& machine;
    Network& network;
    Ledger& ledger;
    bool is_over = false;     // no client begins anything new
    bool ids_expire = false;  // transactional ids that are not used for a while
    int client_count = 0;
    bool is_deleting = false;  // the scratch topic, at any time from now on
    // Incarnations of each transactional id so far; more than one disturb each other.
    std::map<std::string, int> incarnations;
};

struct Fetched {
    int64_t high_watermark = 0;
    int64_t last_stable_offset = 0;
    int64_t next_offset = 0;
    std::vector<std::pair<int64_t, Entry>> entries;  // with their offsets
};

bool is_retriable(ErrorCode error);

class Client {
  public:
    Client(Scene& scene, bool in_order)
        : scene_(scene), number_(++scene.client_count), line_(in_order) {}
    virtual ~Client() = default;
    virtual asio::awaitable<void> run() = 0;

  protected:
    Machine& machine() { return scene_.machine; }
    Dice& dice() { return scene_.machine.dice; }
    Ledger& ledger() { return scene_.ledger; }

    // Asks again and again, for want of an answer or with one that says to, until `until_ms` or the
    // end of the scene. Nullopt: no answer that tells anything.
    template <class Response, class Request>
    asio::awaitable<std::optional<Received<Response>>> ask(Request request, int16_t version,
                                                           ErrorCode (*error_of)(const Response&),
                                                           int64_t until_ms) {
        for (attempt_count_ = 1;; ++attempt_count_) {
            auto received =
                co_await scene_.network.template call<Response>(request, version, &line_);
            if (received && !is_retriable(error_of(received->message)))
                co_return std::move(received);
            const bool is_late = machine().clock.now_ms() >= until_ms;
            if (is_late || scene_.is_over) co_return std::nullopt;
            if (received) co_await machine().pause(dice().between(10, 100));
        }
    }

    // Makes the coordinators' topics where they are missing. False: it was no use.
    asio::awaitable<bool> find_coordinator(std::string key, int8_t key_type);
    // What there is from this offset on, without what was aborted. Nullopt: an error, or no answer.
    asio::awaitable<std::optional<Fetched>> fetch(Partition partition, int64_t offset,
                                                  int32_t max_wait_ms);
    // The group's offset, once no transaction can change it. -1: none.
    asio::awaitable<std::optional<int64_t>> committed_offset(int32_t input_partition);

    Scene& scene_;
    const int number_;
    Line line_;
    int attempt_count_ = 0;  // of the last request
};

// Reads one partition from its beginning on, and remembers what it saw.
class Reader final : public Client {
  public:
    // One that does not last looks at a topic that may be another one the next time.
    Reader(Scene& scene, Partition partition, bool lasts)
        : Client(scene, /*in_order=*/false), partition_(std::move(partition)), lasts_(lasts) {}

    asio::awaitable<void> run() override;
    // Up to the high watermark, which nothing that is open keeps it from.
    asio::awaitable<void> read_to_end();
    const Partition& partition() const { return partition_; }
    const View& view() const { return view_; }

  private:
    // One fetch. Whether there was anything new; nullopt: no answer.
    asio::awaitable<std::optional<bool>> read();

    const Partition partition_;
    const bool lasts_;
    View view_;
};

}  // namespace simulation
