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

bool has_instruction() { return __builtin_cpu_supports("sse4.2"); }

[[gnu::target("sse4.2")]] uint32_t update_by_instruction(uint32_t crc, const std::byte* next,
                                                         size_t size) {
    uint64_t wide = crc;
    for (; size >= 8; size -= 8, next += 8) wide = _mm_crc32_u64(wide, load_word(next));
    crc = static_cast<uint32_t>(wide);
    for (; size > 0; --size, ++next) crc = _mm_crc32_u8(crc, static_cast<uint8_t>(*next));
    return crc;
}

#elif defined(__aarch64__) && defined(__linux__)

bool has_instruction() { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }

[[gnu::target("crc")]] uint32_t update_by_instruction(uint32_t crc, const std::byte* next,
                                                      size_t size) {
    for (; size >= 8; size -= 8, next += 8) crc = __crc32cd(crc, load_word(next));
    for (; size > 0; --size, ++next) crc = __crc32cb(crc, static_cast<uint8_t>(*next));
    return crc;
}

#else

bool has_instruction() { return false; }

uint32_t update_by_instruction(uint32_t crc, const std::byte* next, size_t size) {
    return update_by_tables(crc, next, size);
}

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
