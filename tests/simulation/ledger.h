// What the clients of a simulated broker were told, and what its readers saw: whatever contradicts
// itself is a violation.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "protocol/types.h"

namespace simulation {

struct Partition {
    std::string topic;
    int32_t index = 0;
    auto operator<=>(const Partition&) const = default;
};

inline constexpr const char* input_topic = "input";
inline constexpr const char* output_topic = "output";    // copies of the input, same partition
inline constexpr const char* audit_topic = "audit";      // the same copies once more, in one place
inline constexpr const char* scratch_topic = "scratch";  // deleted and made again at times
inline constexpr const char* group = "copiers";
inline constexpr int32_t input_partition_count = 2;
inline constexpr int64_t transaction_timeout_max_ms = 20'000;

// What a record says of itself. Numbers of one writer rise; a copy has its input's offset.
struct Entry {
    int32_t writer = 0;
    int32_t source = 0;  // a copy's input partition
    int64_t number = 0;
    auto operator<=>(const Entry&) const = default;

    protocol::Blob encode() const;
    // Nullopt: no entry.
    static std::optional<Entry> decode(protocol::Bytes bytes);
};

// One transaction, or an idempotent producer in its whole life.
struct Writer {
    bool is_transaction = false;
    bool may_commit = false;   // its client has asked for it
    std::optional<bool> told;  // the outcome; true: committed
    std::map<Partition, std::vector<Entry>> acked;
    std::optional<std::pair<int32_t, int64_t>> offset;  // input partition, next offset
};

// One reader's view of one partition.
class View {
  public:
    int64_t position = 0;
    int64_t high_watermark = -1;  // not known yet
    int64_t last_stable_offset = -1;

    // Neither goes back.
    void move(const Partition& partition, int64_t new_high_watermark,
              int64_t new_last_stable_offset);
    // Each entry comes once, and those of one writer, or of one source, in order.
    void add(const Partition& partition, const Entry& entry, int64_t offset);
    const std::vector<std::pair<int64_t, Entry>>& entries() const { return entries_; }

  private:
    std::vector<std::pair<int64_t, Entry>> entries_;  // with their offsets
    std::map<int32_t, int64_t> last_of_writer_;
    std::map<int32_t, int64_t> last_of_source_;
};

using Views = std::map<Partition, View>;

class Ledger {
  public:
    int32_t begin(bool is_transaction);
    Writer& writer(int32_t number) { return writers_.at(static_cast<size_t>(number)); }

    // A client was given this producer epoch: it is nobody else's.
    void take(int64_t producer_id, int16_t producer_epoch, int client);
    // A read-committed reader saw this entry.
    void see(const Partition& partition, const Entry& entry);
    // The group's offset as far as it is known. It never goes back: whoever asks now sees at least
    // this one. -1: none.
    int64_t known_offset(int32_t input_partition) const;
    void see_offset(int32_t input_partition, int64_t at_least, int64_t offset);

    // At the end, with all that read-committed readers see: each transaction as a whole or not at
    // all, as its client was told; nothing lost; each input copied once; offsets as the copies.
    void check(const Views& views) const;
    uint64_t committed_count() const;
    uint64_t aborted_count() const;

  private:
    using Seen = std::set<std::pair<Partition, Entry>>;
    static void check_writer(const Writer& writer, const Seen& seen);
    static void check_copies(const Views& views);
    void check_offsets(const Views& views) const;

    std::vector<Writer> writers_;
    std::map<std::pair<int64_t, int16_t>, int> owners_;
    std::map<int32_t, int64_t> offsets_;
};

}  // namespace simulation
