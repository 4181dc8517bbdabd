#include "storage/sip_hash.h"

#include <bit>

namespace storage {

namespace {

constexpr int rounds_per_word = 2;
constexpr int final_rounds = 4;

uint64_t little_endian(const std::byte* from, size_t size) {
    uint64_t word = 0;
    for (size_t i = 0; i < size; ++i) word |= std::to_integer<uint64_t>(from[i]) << (8 * i);
    return word;
}

struct SipState {
    uint64_t v0, v1, v2, v3;

    explicit SipState(const HashKey& key)
        : v0(key.low ^ 0x736f6d6570736575),
          v1(key.high ^ 0x646f72616e646f6d ^ 0xee),  // 0xee: the variant of 128 bits
          v2(key.low ^ 0x6c7967656e657261),
          v3(key.high ^ 0x7465646279746573) {}

    void mix(int rounds) {
        for (int i = 0; i < rounds; ++i) {
            v0 += v1;
            v1 = std::rotl(v1, 13) ^ v0;
            v0 = std::rotl(v0, 32);
            v2 += v3;
            v3 = std::rotl(v3, 16) ^ v2;
            v0 += v3;
            v3 = std::rotl(v3, 21) ^ v0;
            v2 += v1;
            v1 = std::rotl(v1, 17) ^ v2;
            v2 = std::rotl(v2, 32);
        }
    }
    void take(uint64_t word) {
        v3 ^= word;
        mix(rounds_per_word);
        v0 ^= word;
    }
    uint64_t result() const { return v0 ^ v1 ^ v2 ^ v3; }
};

}  // namespace

Hash128 sip_hash(const HashKey& key, protocol::Bytes bytes) {
    SipState state(key);
    const uint64_t length = bytes.size();
    for (; bytes.size() >= sizeof(uint64_t); bytes = bytes.subspan(sizeof(uint64_t)))
        state.take(little_endian(bytes.data(), sizeof(uint64_t)));
    state.take(length << 56 | little_endian(bytes.data(), bytes.size()));

    Hash128 hash;
    state.v2 ^= 0xee;
    state.mix(final_rounds);
    hash.low = state.result();
    state.v1 ^= 0xdd;
    state.mix(final_rounds);
    hash.high = state.result();
    return hash;
}

}  // namespace storage
