#include "protocol/uuid.h"

namespace protocol {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t digit_bits = 6;
constexpr size_t uuid_bits = 128;
constexpr size_t text_size = (uuid_bits + digit_bits - 1) / digit_bits;

// Bit 0 is the most significant of the first byte.
size_t bit(const Uuid& uuid, size_t index) {
    return static_cast<size_t>(uuid.bytes[index / 8] >> (7 - index % 8)) & 1U;
}

}  // namespace

std::string to_string(const Uuid& uuid) {
    std::string text;
    for (size_t at = 0; at < uuid_bits; at += digit_bits) {
        size_t digit = 0;
        for (size_t i = at; i < at + digit_bits; ++i)
            digit = digit << 1 | (i < uuid_bits ? bit(uuid, i) : 0);
        text.push_back(alphabet[digit]);
    }
    return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
    if (text.size() != text_size) return std::nullopt;
    Uuid uuid;
    for (size_t at = 0; at < text_size; ++at) {
        const size_t digit = alphabet.find(text[at]);
        if (digit == std::string_view::npos) return std::nullopt;
        for (size_t i = 0; i < digit_bits; ++i) {
            const size_t index = at * digit_bits + i;
            if ((digit >> (digit_bits - 1 - i) & 1U) == 0) continue;
            if (index >= uuid_bits) return std::nullopt;
            uuid.bytes[index / 8] |= std::byte{0x80} >> (index % 8);
        }
    }
    return uuid;
}

}  // namespace protocol
