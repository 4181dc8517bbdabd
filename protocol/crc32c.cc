#include "protocol/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace protocol {
namespace {

static_assert(std::endian::native == std::endian::little,
              "The table walk reads words as they lie.");

constexpr uint32_t reversed_polynomial = 0x82f63b78;
constexpr size_t slice_count = 8;
using Tables = std::array<std::array<uint32_t, 256>, slice_count>;

// tables[n][b] is the checksum of byte b followed by n zero bytes ("slicing by 8").
constexpr Tables make_tables() {
    Tables tables{};
    for (uint32_t byte = 0; byte < 256; ++byte) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? reversed_polynomial : 0);
        tables[0][byte] = crc;
    }
    for (size_t slice = 1; slice < slice_count; ++slice)
        for (size_t byte = 0; byte < 256; ++byte) {
            const uint32_t crc = tables[slice - 1][byte];
            tables[slice][byte] = (crc >> 8) ^ tables[0][crc & 0xff];
        }
    return tables;
}
constexpr Tables tables = make_tables();

uint64_t load_word(const std::byte* from) {
    uint64_t word;
    std::memcpy(&word, from, sizeof(word));
    return word;
}

uint32_t update_by_tables(uint32_t crc, const std::byte* next, size_t size) {
    for (; size >= 8; size -= 8, next += 8) {
        const uint64_t word = load_word(next) ^ crc;
        crc = 0;
        for (size_t i = 0; i < slice_count; ++i) crc ^= tables[7 - i][(word >> (8 * i)) & 0xff];
    }
    for (; size > 0; --size, ++next)
        crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<uint32_t>(*next)) & 0xff];
    return crc;
}

#if defined(__x86_64__)

#define WITH_CRC_INSTRUCTION gnu::target("sse4.2")
bool has_instruction() { return __builtin_cpu_supports("sse4.2"); }

[[WITH_CRC_INSTRUCTION]] inline uint32_t add_word(uint32_t crc, uint64_t word) {
    return static_cast<uint32_t>(_mm_crc32_u64(crc, word));
}
[[WITH_CRC_INSTRUCTION]] inline uint32_t add_byte(uint32_t crc, std::byte byte) {
    return _mm_crc32_u8(crc, static_cast<uint8_t>(byte));
}

#elif defined(__aarch64__) && defined(__linux__)

#define WITH_CRC_INSTRUCTION gnu::target("crc")
bool has_instruction() { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }

[[WITH_CRC_INSTRUCTION]] inline uint32_t add_word(uint32_t crc, uint64_t word) {
    return __crc32cd(crc, word);
}
[[WITH_CRC_INSTRUCTION]] inline uint32_t add_byte(uint32_t crc, std::byte byte) {
    return __crc32cb(crc, static_cast<uint8_t>(byte));
}

#endif

#if defined(WITH_CRC_INSTRUCTION)

// The instruction takes three cycles but starts anew in each, so three lanes run side by side.
constexpr size_t lane_count = 3;
constexpr size_t lane_bytes = 512;

// lane_tables[n][b]: what becomes of byte n of a checksum, if it is b, after a lane of zero bytes.
using LaneTables = std::array<std::array<uint32_t, 256>, sizeof(uint32_t)>;
constexpr LaneTables make_lane_tables() {
    std::array<uint32_t, 32> bit_after_lane{};
    for (size_t bit = 0; bit < bit_after_lane.size(); ++bit) {
        uint32_t crc = uint32_t{1} << bit;
        for (size_t i = 0; i < lane_bytes; ++i) crc = (crc >> 8) ^ tables[0][crc & 0xff];
        bit_after_lane[bit] = crc;
    }
    LaneTables lanes{};
    for (size_t at = 0; at < lanes.size(); ++at)
        for (size_t byte = 0; byte < 256; ++byte)
            for (size_t bit = 0; bit < 8; ++bit)
                if ((byte >> bit & 1) != 0) lanes[at][byte] ^= bit_after_lane[8 * at + bit];
    return lanes;
}
constexpr LaneTables lane_tables = make_lane_tables();

uint32_t after_lane(uint32_t crc) {
    return lane_tables[0][crc & 0xff] ^ lane_tables[1][crc >> 8 & 0xff] ^
           lane_tables[2][crc >> 16 & 0xff] ^ lane_tables[3][crc >> 24];
}

[[WITH_CRC_INSTRUCTION]] uint32_t update_by_instruction(uint32_t crc, const std::byte* next,
                                                        size_t size) {
    for (; size >= lane_count * lane_bytes; size -= lane_count * lane_bytes) {
        uint32_t second = 0, third = 0;
        for (const std::byte* end = next + lane_bytes; next < end; next += 8) {
            crc = add_word(crc, load_word(next));
            second = add_word(second, load_word(next + lane_bytes));
            third = add_word(third, load_word(next + 2 * lane_bytes));
        }
        next += (lane_count - 1) * lane_bytes;
        crc = after_lane(after_lane(crc) ^ second) ^ third;
    }
    for (; size >= 8; size -= 8, next += 8) crc = add_word(crc, load_word(next));
    for (; size > 0; --size, ++next) crc = add_byte(crc, *next);
    return crc;
}

#else

bool has_instruction() { return false; }
constexpr auto update_by_instruction = update_by_tables;

#endif

}  // namespace

uint32_t crc32c(Bytes bytes, uint32_t previous) {
    static const auto update = has_instruction() ? update_by_instruction : update_by_tables;
    return ~update(~previous, bytes.data(), bytes.size());
}

uint32_t crc32c_portable(Bytes bytes, uint32_t previous) {
    return ~update_by_tables(~previous, bytes.data(), bytes.size());
}

}  // namespace protocol
