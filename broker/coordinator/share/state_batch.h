// A run of records in one delivery state: what the share coordinator keeps of a share-partition
// beside its start offset (KIP-932).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace broker::coordinator::share {

// Of one record for one group; the numbers are those of the stored records.
enum class DeliveryState : int8_t {
    available = 0,
    acquired = 1,  // in memory only
    acknowledged = 2,
    archiving = 3,  // on its way to a dead-letter queue (KIP-1191): einmal writes none
    archived = 4,
};

// Nobody will get a record in such a state again.
constexpr bool is_terminal(DeliveryState state) {
    return state == DeliveryState::acknowledged || state == DeliveryState::archived;
}

struct StateBatch {
    int64_t first_offset = 0;
    int64_t last_offset = 0;
    DeliveryState delivery_state = DeliveryState::available;
    int16_t delivery_count = 0;
    bool operator==(const StateBatch&) const = default;

    bool has_state_of(const StateBatch& other) const {
        return delivery_state == other.delivery_state && delivery_count == other.delivery_count;
    }
};

// Both together from `start_offset` on (-1: all), sorted, without overlap and as few as possible.
// Where they overlap, the higher delivery count holds, then the later state: Kafka's rule, which
// does not ask which of them came first.
std::vector<StateBatch> combine(std::span<const StateBatch> so_far,
                                std::span<const StateBatch> added, int64_t start_offset);

}  // namespace broker::coordinator::share
