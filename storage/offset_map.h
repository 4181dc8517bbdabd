// The offset at which each key of a log was last written, in memory of a fixed size: what the log
// cleaner goes by. As in Kafka a key is known by a hash of 16 bytes, here a keyed one, so that
// nobody can write two keys that pass for one.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/types.h"
#include "storage/sip_hash.h"

namespace storage {

class OffsetMap {
  public:
    struct Options {
        uint64_t memory_bytes = 128 << 20;
        double load_max = 0.9;  // of its slots that may be taken, in (0, 1)
        HashKey hash_key;
    };
    // Takes less memory when `key_count_max` keys need less.
    OffsetMap(const Options& options, uint64_t key_count_max);

    // Later offsets replace earlier ones. False: there is no room for another key.
    bool put(protocol::Bytes key, int64_t offset);
    // -1: the key is not known.
    int64_t find(protocol::Bytes key) const;

    size_t size() const { return size_; }
    uint64_t memory_bytes() const { return slots_.size() * sizeof(Slot); }

  private:
    struct Slot {
        Hash128 hash;
        int64_t next_offset = 0;  // the offset and one; 0: the slot is free
    };
    static_assert(sizeof(Slot) == 24);

    // The slot of the hash, or the free one where it belongs.
    size_t slot_of(const Hash128& hash) const;

    HashKey hash_key_;
    std::vector<Slot> slots_;
    size_t size_ = 0;
    size_t size_max_ = 0;
};

}  // namespace storage
