#include "protocol/compression.h"

#include <doctest/doctest.h>
#include <lz4frame.h>

#include <random>
#include <string>

#include "tests/protocol/golden_bytes.h"

using namespace protocol;

namespace {

constexpr size_t mebibyte = 1 << 20;
constexpr auto codecs = {Compression::none, Compression::gzip, Compression::snappy,
                         Compression::lz4, Compression::zstd};
constexpr auto packing_codecs = {Compression::gzip, Compression::snappy, Compression::lz4,
                                 Compression::zstd};

// Half noise and half repetition, so that blocks of either kind come up.
Blob sample(size_t size) {
    std::mt19937 random(static_cast<uint32_t>(size));
    Blob bytes(size);
    for (size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::byte>(i / 1000 % 2 == 0 ? random() : 'e');
    return bytes;
}

Blob packed(Compression codec, const Blob& plain, int level = default_compression_level) {
    Blob target;
    compress(codec, plain, level, target);
    return target;
}

Blob joined(Blob left, const Blob& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

std::expected<Blob, ErrorCode> unpacked(Compression codec, const Blob& bytes,
                                        size_t bytes_max = 16 * mebibyte) {
    Blob target;
    if (auto done = decompress(codec, bytes, bytes_max, target); !done)
        return std::unexpected(done.error());
    return target;
}

}  // namespace

TEST_CASE("what a codec packs it unpacks, at every size around its blocks") {
    for (const auto codec : codecs)
        for (const size_t size : {0, 1, 7, 100, 32767, 32768, 32769, 65536, 65537, 1'000'000}) {
            CAPTURE(static_cast<int>(codec));
            CAPTURE(size);
            const Blob plain = sample(size);
            CHECK(unpacked(codec, packed(codec, plain)) == plain);
        }
}

TEST_CASE("every level packs, and one out of range is taken to the nearest") {
    const Blob plain = sample(10'000);
    for (const auto codec : packing_codecs)
        for (const int level : {-1'000'000, -5, -1, 0, 1, 3, 9, 12, 17, 22, 1000})
            CHECK(unpacked(codec, packed(codec, plain, level)) == plain);
}

TEST_CASE("compress appends to what is there") {
    for (const auto codec : codecs) {
        Blob target = hex("cafe");
        compress(codec, sample(500), default_compression_level, target);
        CHECK(target == joined(hex("cafe"), packed(codec, sample(500))));
    }
}

TEST_CASE("snappy is written in xerial framing: magic, versions, chunks with their length") {
    CHECK(packed(Compression::snappy, hex("616263")) ==
          hex("82534e41505059" "00" "00000001" "00000001" "00000005" "0308616263"));
}

TEST_CASE("lz4 is written as Kafka does: independent blocks of 64 KiB, no checksums, no size") {
    CHECK(packed(Compression::lz4, hex("616263")) ==
          hex("04224d18" "60" "40" "82" "03000080" "616263" "00000000"));
}

TEST_CASE("a raw snappy block without xerial framing is read") {
    CHECK(unpacked(Compression::snappy, hex("0308616263")) == hex("616263"));
}

TEST_CASE("xerial streams that follow one another are read as one") {
    const Blob first = sample(100), second = sample(200);
    CHECK(unpacked(Compression::snappy, joined(packed(Compression::snappy, first),
                                               packed(Compression::snappy, second))) ==
          joined(first, second));
}

TEST_CASE("a xerial stream of a newer incompatible version is corrupt") {
    Blob stream = packed(Compression::snappy, sample(100));
    stream[15] = std::byte{2};
    CHECK(unpacked(Compression::snappy, stream) == std::unexpected(ErrorCode::corrupt_message));
}

TEST_CASE("gzip members and zstd frames that follow one another are read as one") {
    const Blob first = sample(5000), second = sample(70'000);
    for (const auto codec : {Compression::gzip, Compression::zstd})
        CHECK(unpacked(codec, joined(packed(codec, first), packed(codec, second))) ==
              joined(first, second));
}

TEST_CASE("of lz4 frames only the first is read, as Kafka does") {
    const Blob first = sample(5000);
    CHECK(unpacked(Compression::lz4, joined(packed(Compression::lz4, first),
                                            packed(Compression::lz4, sample(10)))) == first);
}

TEST_CASE("garbage behind a stream is passed over for gzip and lz4, and corrupt for the others") {
    const Blob plain = sample(5000);
    for (const auto codec : packing_codecs) {
        const auto result = unpacked(codec, joined(packed(codec, plain), hex("01020304")));
        if (codec == Compression::gzip || codec == Compression::lz4)
            CHECK(result == plain);
        else
            CHECK(result == std::unexpected(ErrorCode::corrupt_message));
    }
}

TEST_CASE("a stream cut short at any byte is corrupt, except zstd's and xerial's empty ones") {
    for (const auto codec : packing_codecs) {
        const Blob whole = packed(codec, sample(3000));
        for (size_t size = 0; size < whole.size(); ++size) {
            CAPTURE(static_cast<int>(codec));
            CAPTURE(size);
            const Blob cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
            const auto result = unpacked(codec, cut);
            const bool holds_nothing = (codec == Compression::zstd && size == 0) ||
                                       (codec == Compression::snappy && size == 16);
            if (holds_nothing)
                CHECK(result == Blob{});
            else
                CHECK(result == std::unexpected(ErrorCode::corrupt_message));
        }
    }
}

TEST_CASE("output is bounded: exactly the limit passes, one byte more is too large") {
    const Blob plain = sample(100'000);
    for (const auto codec : codecs) {
        CHECK(unpacked(codec, packed(codec, plain), plain.size()) == plain);
        CHECK(unpacked(codec, packed(codec, plain), plain.size() - 1) ==
              std::unexpected(ErrorCode::message_too_large));
        CHECK(unpacked(codec, packed(codec, plain), 0) ==
              std::unexpected(ErrorCode::message_too_large));
    }
}

TEST_CASE("a bomb is stopped at the limit, with no more memory than twice that") {
    const Blob plain(64 * mebibyte);
    for (const auto codec : packing_codecs) {
        const Blob bomb = packed(codec, plain);
        Blob target;
        CHECK(decompress(codec, bomb, mebibyte, target) ==
              std::unexpected(ErrorCode::message_too_large));
        // The first guess of an output's size follows the input's.
        CHECK(target.capacity() <= 2 * mebibyte + 4 * bomb.size());
    }
}

TEST_CASE("a snappy block's claimed size is not believed beyond what snappy can reach") {
    // Claims 2^32 - 1 bytes.
    CHECK(unpacked(Compression::snappy, hex("ffffffff0f" "08616263")) ==
          std::unexpected(ErrorCode::corrupt_message));
}

TEST_CASE("lz4 frames with linked blocks or a dictionary are corrupt, as Kafka cannot read them") {
    const Blob plain = sample(200'000);
    for (const bool is_linked : {true, false}) {
        LZ4F_preferences_t preferences{};
        preferences.frameInfo.blockMode = is_linked ? LZ4F_blockLinked : LZ4F_blockIndependent;
        preferences.frameInfo.dictID = is_linked ? 0 : 77;
        Blob frame(LZ4F_compressFrameBound(plain.size(), &preferences));
        frame.resize(LZ4F_compressFrame(frame.data(), frame.size(), plain.data(), plain.size(),
                                        &preferences));
        CHECK(unpacked(Compression::lz4, frame) == std::unexpected(ErrorCode::corrupt_message));
    }
}

TEST_CASE("a wrong lz4 header checksum is corrupt, but not for message sets of magic 0") {
    const Blob plain = sample(1000);
    Blob frame = packed(Compression::lz4, plain);
    frame[6] ^= std::byte{0xff};
    CHECK(unpacked(Compression::lz4, frame) == std::unexpected(ErrorCode::corrupt_message));
    Blob target;
    REQUIRE(decompress_lz4_of_magic_0(frame, mebibyte, target));
    CHECK(target == plain);
}

TEST_CASE("codecs that do not exist are corrupt") {
    for (const int codec : {5, 6, 7})
        CHECK(unpacked(static_cast<Compression>(codec), hex("00")) ==
              std::unexpected(ErrorCode::corrupt_message));
}

TEST_CASE("codecs are found by their names in compression.type") {
    CHECK(compression_named("none") == Compression::none);
    CHECK(compression_named("uncompressed") == Compression::none);
    CHECK(compression_named("gzip") == Compression::gzip);
    CHECK(compression_named("snappy") == Compression::snappy);
    CHECK(compression_named("lz4") == Compression::lz4);
    CHECK(compression_named("zstd") == Compression::zstd);
    CHECK(!compression_named("producer"));
    CHECK(!compression_named("GZIP"));
}
