// The buffers that a shard's connections read into, one after another: a connection has one only
// while bytes are in it, so that idle ones cost no memory and busy ones share what is in the cache.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace broker::net {

// Requires: used on the shard's thread.
class ReadBuffers {
  public:
    struct Buffer {
        std::unique_ptr<std::byte[]> bytes;
        size_t capacity = 0;
    };
    static constexpr size_t small_bytes = 16 << 10;
    // The largest batch of a client's default settings, with its request around it.
    static constexpr size_t large_bytes = (1 << 20) + (64 << 10);

    // With room for `wanted` bytes or more.
    Buffer take(size_t wanted) {
        if (wanted > large_bytes) return make(wanted);
        return wanted > small_bytes ? take_from(large_, large_bytes)
                                    : take_from(small_, small_bytes);
    }
    void give_back(Buffer buffer) {
        if (buffer.capacity == small_bytes && small_.size() < spare_small_max)
            small_.push_back(std::move(buffer));
        else if (buffer.capacity == large_bytes && large_.size() < spare_large_max)
            large_.push_back(std::move(buffer));
    }

  private:
    static constexpr size_t spare_small_max = 64;
    static constexpr size_t spare_large_max = 4;

    static Buffer make(size_t capacity) {
        return {std::make_unique_for_overwrite<std::byte[]>(capacity), capacity};
    }
    // The one that was given back last is the one that the processor's cache holds.
    static Buffer take_from(std::vector<Buffer>& spare, size_t capacity) {
        if (spare.empty()) return make(capacity);
        Buffer buffer = std::move(spare.back());
        spare.pop_back();
        return buffer;
    }

    std::vector<Buffer> small_;
    std::vector<Buffer> large_;
};

}  // namespace broker::net
