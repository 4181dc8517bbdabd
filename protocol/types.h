// Value types that appear on the Kafka wire, and the versions in which a field exists.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace protocol {

// A view of bytes that somebody else owns: a frame, a file's buffer, a Blob.
using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

// Bytes that a message or a piece of state owns.
using Blob = std::vector<std::byte>;

// Record batches exactly as received or as stored: never parsed or copied by the codec.
struct Records {
    Bytes bytes;
    // Of an answer instead of `bytes`: so many lie elsewhere, in a file, and whoever writes the
    // message puts them in their place.
    size_t elsewhere_bytes = 0;
};

// A nullable string whose length is an int16 in flexible versions too: RequestHeader.ClientId.
struct ShortText : std::optional<std::string_view> {
    using std::optional<std::string_view>::optional;
};

// 16 bytes, most significant first; all zero means none (KIP-516).
struct Uuid {
    std::array<std::byte, 16> bytes{};

    auto operator<=>(const Uuid&) const = default;
    bool is_zero() const { return *this == Uuid{}; }
};

// The versions of a message in which a field (or the message itself) exists, both ends included.
struct Versions {
    int16_t first = 0;
    int16_t last = std::numeric_limits<int16_t>::max();

    constexpr bool contains(int16_t version) const { return first <= version && version <= last; }
    bool operator==(const Versions&) const = default;
};

inline constexpr Versions always{};
constexpr Versions since(int16_t first) { return {.first = first}; }
constexpr Versions until(int16_t last) { return {.last = last}; }
constexpr Versions between(int16_t first, int16_t last) { return {first, last}; }
inline constexpr Versions never{.first = 1, .last = 0};

// The versions in which a std::optional field may be null, where those are not all of them.
struct Nullable {
    Versions versions = always;
};
constexpr Nullable nullable(Versions versions) { return {versions}; }

}  // namespace protocol
