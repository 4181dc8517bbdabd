// A simulated client of topics and groups: reads what a read-committed consumer reads.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/messages/fetch.h"
#include "tests/simulation/caller.h"
#include "tests/simulation/ledger.h"

namespace simulation {

// What all clients of one simulation share.
struct Scene : Stage {
    Ledger& ledger;
    bool ids_expire = false;   // transactional ids that are not used for a while
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

class Client : public Caller {
  public:
    Client(Scene& scene, bool in_order) : Caller(scene, in_order), scene_(scene) {}
    virtual asio::awaitable<void> run() = 0;

  protected:
    Ledger& ledger() { return scene_.ledger; }

    // Makes the coordinators' topics where they are missing. False: it was no use.
    asio::awaitable<bool> find_coordinator(std::string key, int8_t key_type);
    // What there is from this offset on, without what was aborted. Nullopt: an error, or no answer.
    asio::awaitable<std::optional<Fetched>> fetch(Partition partition, int64_t offset,
                                                  int32_t max_wait_ms);
    // The group's offset, once no transaction can change it. -1: none.
    asio::awaitable<std::optional<int64_t>> committed_offset(int32_t input_partition);

    Scene& scene_;
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
