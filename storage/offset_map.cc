#include "storage/offset_map.h"

#include <algorithm>

namespace storage {

OffsetMap::OffsetMap(const Options& options, uint64_t key_count_max) : hash_key_(options.hash_key) {
    const double load_max = std::clamp(options.load_max, 0.01, 0.99);
    const uint64_t affordable = std::max<uint64_t>(options.memory_bytes / sizeof(Slot), 2);
    const double needed = static_cast<double>(key_count_max) / load_max + 2;
    const uint64_t count =
        needed < static_cast<double>(affordable) ? static_cast<uint64_t>(needed) : affordable;
    slots_.resize(count);
    size_max_ = std::clamp<size_t>(static_cast<size_t>(static_cast<double>(count) * load_max), 1,
                                   count - 1);
}

size_t OffsetMap::slot_of(const Hash128& hash) const {
    size_t index = hash.low % slots_.size();
    while (slots_[index].next_offset != 0 && slots_[index].hash != hash)
        index = index + 1 == slots_.size() ? 0 : index + 1;
    return index;
}

bool OffsetMap::put(protocol::Bytes key, int64_t offset) {
    const Hash128 hash = sip_hash(hash_key_, key);
    Slot& slot = slots_[slot_of(hash)];
    if (slot.next_offset == 0) {
        if (size_ == size_max_) return false;
        ++size_;
        slot.hash = hash;
    }
    slot.next_offset = offset + 1;
    return true;
}

int64_t OffsetMap::find(protocol::Bytes key) const {
    return slots_[slot_of(sip_hash(hash_key_, key))].next_offset - 1;
}

}  // namespace storage
