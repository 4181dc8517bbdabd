#include "protocol/crc32c.h"

#include <doctest/doctest.h>

#include <random>
#include <string_view>

#include "tests/protocol/golden_bytes.h"

using namespace protocol;

namespace {

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

Blob random_bytes(std::mt19937_64& random, size_t size) {
    Blob bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random());
    return bytes;
}

}  // namespace

TEST_CASE("CRC-32C of the check values in RFC 3720 and of the classic digits") {
    CHECK(crc32c(bytes_of("123456789")) == 0xe3069283);
    CHECK(crc32c(Blob(32, std::byte{0})) == 0x8a9136aa);
    CHECK(crc32c(Blob(32, std::byte{0xff})) == 0x62a8ab43);
    CHECK(crc32c({}) == 0);
}

TEST_CASE("the checksum of two parts is that of the whole") {
    const auto whole = bytes_of("exactly once, and not twice");
    for (size_t cut = 0; cut <= whole.size(); ++cut)
        CHECK(crc32c(whole.subspan(cut), crc32c(whole.first(cut))) == crc32c(whole));
}

TEST_CASE("the processor's instruction and the tables agree for every size and alignment") {
    std::mt19937_64 random(7);
    const Blob bytes = random_bytes(random, 4096);
    for (size_t start = 0; start < 8; ++start)
        for (size_t size = 0; size < 600; ++size) {
            const Bytes part = Bytes(bytes).subspan(start, size);
            REQUIRE(crc32c(part) == crc32c_portable(part));
        }
    for (int i = 0; i < 200; ++i) {
        const Blob large = random_bytes(random, random() % 20'000);
        const auto previous = static_cast<uint32_t>(random());
        REQUIRE(crc32c(large, previous) == crc32c_portable(large, previous));
    }
}
