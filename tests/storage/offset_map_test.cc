#include "storage/offset_map.h"

#include <doctest/doctest.h>

#include <string>

#include "storage/file_system.h"

using storage::as_bytes;
using storage::OffsetMap;

namespace {

OffsetMap small_map(uint64_t slots, double load_max = 0.9) {
    return OffsetMap({.memory_bytes = 24 * slots, .load_max = load_max}, 1'000'000);
}

}  // namespace

TEST_CASE("a hash is that of the reference implementation of SipHash-2-4-128") {
    const storage::HashKey key{.low = 0x0706050403020100, .high = 0x0f0e0d0c0b0a0908};
    CHECK(storage::sip_hash(key, {}) == storage::Hash128{0xe6a825ba047f81a3, 0x930255c71472f66d});
    const std::byte zero{0};
    CHECK(storage::sip_hash(key, {&zero, 1}) ==
          storage::Hash128{0x44af996bd8c187da, 0x45fc229b11597634});
}

TEST_CASE("a map of offsets knows the latest one of each key") {
    auto map = small_map(100);
    CHECK(map.find(as_bytes("a")) == -1);
    CHECK(map.put(as_bytes("a"), 0));
    CHECK(map.put(as_bytes(""), 5));
    CHECK(map.put(as_bytes("a"), 7));
    CHECK(map.find(as_bytes("a")) == 7);
    CHECK(map.find(as_bytes("")) == 5);
    CHECK(map.find(as_bytes("b")) == -1);
    CHECK(map.size() == 2);
}

TEST_CASE("a full map refuses new keys and still takes those that it knows") {
    auto map = small_map(10, 0.5);
    for (int i = 0; i < 5; ++i) CHECK(map.put(as_bytes("key-" + std::to_string(i)), i));
    CHECK_FALSE(map.put(as_bytes("one more"), 5));
    CHECK(map.put(as_bytes("key-3"), 6));
    CHECK(map.find(as_bytes("key-3")) == 6);
    CHECK(map.find(as_bytes("one more")) == -1);
}

TEST_CASE("a map takes the memory that it was given, and less when less is needed") {
    CHECK(small_map(1000).memory_bytes() == 24'000);
    CHECK(OffsetMap({.memory_bytes = 1 << 20}, 90).memory_bytes() < 24 * 110);
    CHECK(OffsetMap({.memory_bytes = 0}, 90).memory_bytes() == 48);
}
