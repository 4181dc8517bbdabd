#include "broker/coordinator/group/consumer/xxh3.h"

#include <array>
#include <bit>
#include <cstring>

namespace broker::coordinator::group {

namespace {

constexpr uint64_t prime32_1 = 0x9E3779B1, prime32_2 = 0x85EBCA77, prime32_3 = 0xC2B2AE3D;
constexpr uint64_t prime64_1 = 0x9E3779B185EBCA87, prime64_2 = 0xC2B2AE3D27D4EB4F;
constexpr uint64_t prime64_3 = 0x165667B19E3779F9, prime64_4 = 0x85EBCA77C2B2AE63;
constexpr uint64_t prime64_5 = 0x27D4EB2F165667C5;
constexpr uint64_t mix_1 = 0x165667919E3779F9, mix_2 = 0x9FB21C651E98DF25;

constexpr size_t lane_count = 8;
constexpr size_t stripe_bytes = lane_count * sizeof(uint64_t);
constexpr size_t secret_step_bytes = 8;  // from one stripe to the next
constexpr size_t secret_bytes_min = 136;

constexpr auto secret = std::to_array<uint8_t>({
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
});
constexpr size_t stripes_per_block = (secret.size() - stripe_bytes) / secret_step_bytes;
constexpr size_t block_bytes = stripes_per_block * stripe_bytes;

static_assert(std::endian::native == std::endian::little);

template <class Word>
Word read(const void* bytes, size_t at) {
    Word word;
    std::memcpy(&word, static_cast<const std::byte*>(bytes) + at, sizeof word);
    return word;
}
uint64_t read64(const void* bytes, size_t at) { return read<uint64_t>(bytes, at); }
uint64_t secret64(size_t at) { return read64(secret.data(), at); }

uint64_t fold(uint64_t left, uint64_t right) {
    const auto product = static_cast<unsigned __int128>(left) * right;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t xxh64_avalanche(uint64_t hash) {
    hash ^= hash >> 33;
    hash *= prime64_2;
    hash ^= hash >> 29;
    hash *= prime64_3;
    return hash ^ hash >> 32;
}

uint64_t avalanche(uint64_t hash) {
    hash ^= hash >> 37;
    hash *= mix_1;
    return hash ^ hash >> 32;
}

uint64_t up_to_3(const std::byte* bytes, size_t size) {
    const auto first = std::to_integer<uint32_t>(bytes[0]);
    const auto middle = std::to_integer<uint32_t>(bytes[size / 2]);
    const auto last = std::to_integer<uint32_t>(bytes[size - 1]);
    const uint32_t word = first << 16 | middle << 24 | last | static_cast<uint32_t>(size) << 8;
    const uint32_t flip = read<uint32_t>(secret.data(), 0) ^ read<uint32_t>(secret.data(), 4);
    return xxh64_avalanche(uint64_t{word} ^ flip);
}

uint64_t from_4_to_8(const std::byte* bytes, size_t size) {
    const uint64_t first = read<uint32_t>(bytes, 0), last = read<uint32_t>(bytes, size - 4);
    uint64_t hash = (last + (first << 32)) ^ secret64(8) ^ secret64(16);
    hash ^= std::rotl(hash, 49) ^ std::rotl(hash, 24);
    hash *= mix_2;
    hash ^= (hash >> 35) + size;
    hash *= mix_2;
    return hash ^ hash >> 28;
}

uint64_t from_9_to_16(const std::byte* bytes, size_t size) {
    const uint64_t low = read64(bytes, 0) ^ secret64(24) ^ secret64(32);
    const uint64_t high = read64(bytes, size - 8) ^ secret64(40) ^ secret64(48);
    return avalanche(size + std::byteswap(low) + high + fold(low, high));
}

uint64_t mix_16(const std::byte* bytes, size_t at, size_t secret_at) {
    return fold(read64(bytes, at) ^ secret64(secret_at),
                read64(bytes, at + 8) ^ secret64(secret_at + 8));
}

uint64_t from_17_to_128(const std::byte* bytes, size_t size) {
    uint64_t sum = size * prime64_1;
    for (size_t pair = (size - 1) / 32 + 1; pair-- > 0;) {
        sum += mix_16(bytes, pair * 16, pair * 32);
        sum += mix_16(bytes, size - (pair + 1) * 16, pair * 32 + 16);
    }
    return avalanche(sum);
}

uint64_t from_129_to_240(const std::byte* bytes, size_t size) {
    uint64_t sum = size * prime64_1;
    for (size_t i = 0; i < 8; ++i) sum += mix_16(bytes, i * 16, i * 16);
    sum = avalanche(sum);
    for (size_t i = 8; i < size / 16; ++i) sum += mix_16(bytes, i * 16, (i - 8) * 16 + 3);
    return avalanche(sum + mix_16(bytes, size - 16, secret_bytes_min - 17));
}

using Lanes = std::array<uint64_t, lane_count>;

void accumulate(Lanes& lanes, const std::byte* stripe, size_t secret_at) {
    for (size_t i = 0; i < lane_count; ++i) {
        const uint64_t word = read64(stripe, i * 8), key = word ^ secret64(secret_at + i * 8);
        lanes[i ^ 1] += word;
        lanes[i] += (key & 0xffffffff) * (key >> 32);
    }
}

void scramble(Lanes& lanes) {
    for (size_t i = 0; i < lane_count; ++i) {
        lanes[i] ^= lanes[i] >> 47;
        lanes[i] ^= secret64(secret.size() - stripe_bytes + i * 8);
        lanes[i] *= prime32_1;
    }
}

uint64_t longer(const std::byte* bytes, size_t size) {
    Lanes lanes{prime32_3, prime64_1, prime64_2, prime64_3,
                prime64_4, prime32_2, prime64_5, prime32_1};
    const size_t block_count = (size - 1) / block_bytes;
    for (size_t block = 0; block < block_count; ++block) {
        for (size_t i = 0; i < stripes_per_block; ++i)
            accumulate(lanes, bytes + block * block_bytes + i * stripe_bytes,
                       i * secret_step_bytes);
        scramble(lanes);
    }
    const std::byte* rest = bytes + block_count * block_bytes;
    const size_t stripe_count = (size - 1 - block_count * block_bytes) / stripe_bytes;
    for (size_t i = 0; i < stripe_count; ++i)
        accumulate(lanes, rest + i * stripe_bytes, i * secret_step_bytes);
    accumulate(lanes, bytes + size - stripe_bytes, secret.size() - stripe_bytes - 7);

    uint64_t hash = size * prime64_1;
    for (size_t i = 0; i < lane_count; i += 2)
        hash += fold(lanes[i] ^ secret64(11 + i * 8), lanes[i + 1] ^ secret64(19 + i * 8));
    return avalanche(hash);
}

}  // namespace

uint64_t xxh3(protocol::Bytes bytes) {
    const size_t size = bytes.size();
    if (size == 0) return xxh64_avalanche(secret64(56) ^ secret64(64));
    if (size <= 3) return up_to_3(bytes.data(), size);
    if (size <= 8) return from_4_to_8(bytes.data(), size);
    if (size <= 16) return from_9_to_16(bytes.data(), size);
    if (size <= 128) return from_17_to_128(bytes.data(), size);
    if (size <= 240) return from_129_to_240(bytes.data(), size);
    return longer(bytes.data(), size);
}

}  // namespace broker::coordinator::group
