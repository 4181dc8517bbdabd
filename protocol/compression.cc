#include "protocol/compression.h"

#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <memory>

#include "protocol/wire.h"

namespace protocol {
namespace {

using Outcome = std::expected<void, ErrorCode>;

Outcome corrupt() { return std::unexpected(ErrorCode::corrupt_message); }
Outcome too_large() { return std::unexpected(ErrorCode::message_too_large); }

const char* chars(const std::byte* bytes) { return reinterpret_cast<const char*>(bytes); }
char* chars(std::byte* bytes) { return reinterpret_cast<char*>(bytes); }

// The output of a stream whose length is not known before: grows by doubling, up to a limit. One
// byte beyond the limit is let in, which tells a stream that ends there from one that goes on.
class GrowingOutput {
  public:
    GrowingOutput(Blob& target, size_t first_bytes, size_t bytes_max)
        : target_(target), bytes_max_(bytes_max) {
        target_.resize(std::min(std::max(first_bytes, growth_bytes_min), bytes_max + 1));
    }
    std::byte* next() { return target_.data() + used_; }
    size_t room() const { return target_.size() - used_; }
    void advance(size_t bytes) { used_ += bytes; }
    bool is_over() const { return used_ > bytes_max_; }
    void make_room() {
        if (room() == 0) target_.resize(std::min(2 * target_.size(), bytes_max_ + 1));
    }
    void finish() { target_.resize(used_); }

  private:
    static constexpr size_t growth_bytes_min = 4096;
    Blob& target_;
    size_t bytes_max_;
    size_t used_ = 0;
};

// What streams of Kafka records usually expand to, so that most need no second allocation.
constexpr size_t expected_expansion = 4;

// zlib: ask for a gzip header, not zlib's own (see inflateInit2 in zlib.h).
constexpr int gzip_window_bits = 15 + 16;

struct Inflater {
    z_stream stream{};
    bool is_ready = inflateInit2(&stream, gzip_window_bits) == Z_OK;
    ~Inflater() {
        if (is_ready) inflateEnd(&stream);
    }
};

bool starts_gzip_member(Bytes bytes) {
    constexpr std::array magic{std::byte{0x1f}, std::byte{0x8b}, std::byte{8}};
    return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

Outcome gunzip(Bytes packed, size_t bytes_max, Blob& target) {
    Inflater inflater;
    if (!inflater.is_ready) return std::unexpected(ErrorCode::unknown_server_error);
    auto& stream = inflater.stream;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    GrowingOutput output(target, expected_expansion * packed.size(), bytes_max);
    while (true) {
        output.make_room();
        stream.next_out = reinterpret_cast<Bytef*>(output.next());
        const auto room = static_cast<uInt>(std::min<size_t>(output.room(), 1U << 30));
        stream.avail_out = room;
        const int result = inflate(&stream, Z_NO_FLUSH);
        output.advance(room - stream.avail_out);
        if (output.is_over()) return too_large();
        if (result == Z_STREAM_END) {
            if (!starts_gzip_member(packed.last(stream.avail_in))) break;
            inflateReset(&stream);
        } else if (result != Z_OK) {
            // Z_BUF_ERROR too: room there always is, hence the input has ended early.
            return corrupt();
        }
    }
    output.finish();
    return {};
}

void gzip(Bytes plain, int level, Blob& target) {
    if (level == default_compression_level) level = Z_DEFAULT_COMPRESSION;
    z_stream stream{};
    constexpr int memory_level = 8;
    const int opened = deflateInit2(&stream, std::clamp(level, -1, 9), Z_DEFLATED, gzip_window_bits,
                                    memory_level, Z_DEFAULT_STRATEGY);
    assert(opened == Z_OK);
    const size_t start = target.size();
    target.resize(start + deflateBound(&stream, plain.size()));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(target.data() + start);
    stream.avail_out = static_cast<uInt>(target.size() - start);
    const int finished = deflate(&stream, Z_FINISH);
    assert(finished == Z_STREAM_END);
    target.resize(start + stream.total_out);
    deflateEnd(&stream);
}

// The framing of snappy-java (xerial), which Kafka's clients write: this header with version 1 and
// oldest readable version 1, then chunks of a 4-byte length and a snappy block each.
constexpr std::array xerial_magic{std::byte{0x82}, std::byte{'S'}, std::byte{'N'}, std::byte{'A'},
                                  std::byte{'P'},  std::byte{'P'}, std::byte{'Y'}, std::byte{0}};
constexpr size_t xerial_header_bytes = xerial_magic.size() + 2 * sizeof(int32_t);
constexpr int32_t xerial_version = 1;
constexpr size_t xerial_chunk_bytes = 32 << 10;

bool starts_xerial(Bytes bytes) {
    return bytes.size() >= xerial_header_bytes &&
           std::equal(xerial_magic.begin(), xerial_magic.end(), bytes.begin());
}

// Appends one snappy block's content.
Outcome unsnappy_block(Bytes block, size_t bytes_max, Blob& target) {
    // No element of a block makes more than 64 bytes out of one: a larger claim is a lie.
    constexpr size_t expansion_max = 64;
    size_t plain_bytes = 0;
    if (snappy_uncompressed_length(chars(block.data()), block.size(), &plain_bytes) != SNAPPY_OK)
        return corrupt();
    if (plain_bytes > expansion_max * block.size()) return corrupt();
    if (plain_bytes > bytes_max - target.size()) return too_large();
    const size_t start = target.size();
    target.resize(start + plain_bytes);
    if (plain_bytes == 0) return {};
    if (snappy_uncompress(chars(block.data()), block.size(), chars(target.data() + start),
                          &plain_bytes) != SNAPPY_OK)
        return corrupt();
    return {};
}

Outcome unsnappy(Bytes packed, size_t bytes_max, Blob& target) {
    target.clear();
    if (packed.empty()) return corrupt();
    if (!starts_xerial(packed)) return unsnappy_block(packed, bytes_max, target);
    while (!packed.empty()) {
        Reader reader(packed);
        if (starts_xerial(packed)) {
            reader.bytes(xerial_magic.size());
            reader.integer<int32_t>();
            if (reader.integer<int32_t>() > xerial_version) return corrupt();
        } else {
            const auto chunk_bytes = reader.integer<int32_t>();
            if (chunk_bytes < 0) return corrupt();
            const Bytes chunk = reader.bytes(static_cast<size_t>(chunk_bytes));
            if (!reader.ok()) return corrupt();
            if (auto done = unsnappy_block(chunk, bytes_max, target); !done) return done;
        }
        packed = packed.last(reader.remaining());
    }
    return {};
}

void append_integer(Blob& target, int32_t value) {
    const auto bytes = std::bit_cast<std::array<std::byte, sizeof(value)>>(big_endian(value));
    target.insert(target.end(), bytes.begin(), bytes.end());
}

void snappy(Bytes plain, Blob& target) {
    target.insert(target.end(), xerial_magic.begin(), xerial_magic.end());
    append_integer(target, xerial_version);
    append_integer(target, xerial_version);
    while (!plain.empty()) {
        const Bytes chunk = plain.first(std::min(plain.size(), xerial_chunk_bytes));
        plain = plain.subspan(chunk.size());
        const size_t length_at = target.size();
        const size_t start = length_at + sizeof(int32_t);
        size_t packed_bytes = snappy_max_compressed_length(chunk.size());
        target.resize(start + packed_bytes);
        const auto status = snappy_compress(chars(chunk.data()), chunk.size(),
                                            chars(target.data() + start), &packed_bytes);
        assert(status == SNAPPY_OK);
        const int32_t length = big_endian(static_cast<int32_t>(packed_bytes));
        std::memcpy(target.data() + length_at, &length, sizeof(length));
        target.resize(start + packed_bytes);
    }
}

// The part of XXH32 (seed 0) for less than 16 bytes: an lz4 frame's descriptor is no longer.
uint32_t short_xxh32(Bytes bytes) {
    assert(bytes.size() < 16);
    constexpr uint32_t prime2 = 0x85ebca77, prime3 = 0xc2b2ae3d, prime4 = 0x27d4eb2f,
                       prime5 = 0x165667b1, prime1 = 0x9e3779b1;
    uint32_t hash = prime5 + static_cast<uint32_t>(bytes.size());
    for (; bytes.size() >= sizeof(uint32_t); bytes = bytes.subspan(sizeof(uint32_t))) {
        uint32_t word;
        std::memcpy(&word, bytes.data(), sizeof(word));
        hash = std::rotl(hash + word * prime3, 17) * prime4;
    }
    for (const std::byte byte : bytes)
        hash = std::rotl(hash + static_cast<uint32_t>(byte) * prime5, 11) * prime1;
    hash = (hash ^ (hash >> 15)) * prime2;
    hash = (hash ^ (hash >> 13)) * prime3;
    return hash ^ (hash >> 16);
}

// An lz4 frame begins with magic, FLG, BD, perhaps the content size, and a header checksum.
constexpr std::array lz4_magic{std::byte{0x04}, std::byte{0x22}, std::byte{0x4d}, std::byte{0x18}};

struct Lz4Header {
    static constexpr size_t magic_bytes = lz4_magic.size();
    static constexpr size_t bytes_min = magic_bytes + 3, bytes_max = 15;
    static constexpr uint8_t independent_blocks = 0x20, content_size = 0x08, dictionary_id = 0x01;

    uint8_t flags = 0;
    size_t size_bytes = 0;
    std::array<std::byte, bytes_max> bytes{};
};

std::optional<Lz4Header> lz4_header(Bytes packed) {
    if (packed.size() < Lz4Header::bytes_min) return std::nullopt;
    // Kafka's reader takes no skippable frames either.
    if (!std::equal(lz4_magic.begin(), lz4_magic.end(), packed.begin())) return std::nullopt;
    Lz4Header header{.flags = static_cast<uint8_t>(packed[Lz4Header::magic_bytes])};
    header.size_bytes = Lz4Header::bytes_min;
    if ((header.flags & Lz4Header::content_size) != 0) header.size_bytes += sizeof(uint64_t);
    if (packed.size() < header.size_bytes) return std::nullopt;
    // Kafka's reader knows neither linked blocks nor dictionaries: what it could not read must
    // not enter a log.
    if ((header.flags & Lz4Header::independent_blocks) == 0) return std::nullopt;
    if ((header.flags & Lz4Header::dictionary_id) != 0) return std::nullopt;
    std::copy_n(packed.begin(), header.size_bytes, header.bytes.begin());
    return header;
}

void correct_checksum(Lz4Header& header) {
    const size_t checksum_at = header.size_bytes - 1;
    const Bytes descriptor =
        Bytes(header.bytes).subspan(Lz4Header::magic_bytes, checksum_at - Lz4Header::magic_bytes);
    header.bytes[checksum_at] = static_cast<std::byte>((short_xxh32(descriptor) >> 8) & 0xff);
}

using Lz4Context = std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)>;

// Reads one frame, and like Kafka no further.
Outcome unlz4(const Lz4Header& header, Bytes packed, size_t bytes_max, Blob& target) {
    LZ4F_dctx* opened = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&opened, LZ4F_VERSION)))
        return std::unexpected(ErrorCode::unknown_server_error);
    const Lz4Context context(opened, &LZ4F_freeDecompressionContext);

    GrowingOutput output(target, expected_expansion * packed.size(), bytes_max);
    Bytes input = Bytes(header.bytes).first(header.size_bytes);
    Bytes blocks = packed.subspan(header.size_bytes);
    while (true) {
        output.make_room();
        size_t written = output.room(), read = input.size();
        const size_t hint =
            LZ4F_decompress(context.get(), output.next(), &written, input.data(), &read, nullptr);
        if (LZ4F_isError(hint)) return corrupt();
        output.advance(written);
        if (output.is_over()) return too_large();
        if (hint == 0) break;
        input = input.subspan(read);
        if (input.empty() && !blocks.empty()) {
            input = std::exchange(blocks, {});
        } else if (read == 0 && written == 0) {
            return corrupt();
        }
    }
    output.finish();
    return {};
}

void lz4(Bytes plain, int level, Blob& target) {
    // Kafka means the fast compressor by its default, 9, and the thorough one by any other.
    constexpr int kafka_default_level = 9, level_max = 17;
    if (level == default_compression_level || level == kafka_default_level) level = 0;
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockSizeID = LZ4F_max64KB;
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;
    preferences.compressionLevel = std::clamp(level, 0, level_max);
    const size_t start = target.size();
    target.resize(start + LZ4F_compressFrameBound(plain.size(), &preferences));
    const size_t packed_bytes = LZ4F_compressFrame(target.data() + start, target.size() - start,
                                                   plain.data(), plain.size(), &preferences);
    assert(!LZ4F_isError(packed_bytes));
    target.resize(start + packed_bytes);
}

struct FreeZstd {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

Outcome unzstd(ZSTD_DCtx& context, Bytes packed, size_t bytes_max, Blob& target) {
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    GrowingOutput output(target, expected_expansion * packed.size(), bytes_max);
    size_t hint = 0;
    while (input.pos < input.size || hint != 0) {
        output.make_room();
        ZSTD_outBuffer window{output.next(), output.room(), 0};
        const size_t read_before = input.pos;
        hint = ZSTD_decompressStream(&context, &window, &input);
        if (ZSTD_isError(hint)) return corrupt();
        output.advance(window.pos);
        if (output.is_over()) return too_large();
        if (input.pos == read_before && window.pos == 0) return corrupt();
    }
    output.finish();
    return {};
}

// To open a context takes longer than to unpack a small batch, so each thread keeps one, unless a
// stream with a huge window made it large.
Outcome unzstd(Bytes packed, size_t bytes_max, Blob& target) {
    constexpr size_t kept_bytes_max = 4 << 20;
    thread_local std::unique_ptr<ZSTD_DCtx, FreeZstd> kept;
    if (!kept) kept.reset(ZSTD_createDCtx());
    if (!kept) return std::unexpected(ErrorCode::unknown_server_error);
    ZSTD_DCtx_reset(kept.get(), ZSTD_reset_session_only);
    const auto outcome = unzstd(*kept, packed, bytes_max, target);
    if (ZSTD_sizeof_DCtx(kept.get()) > kept_bytes_max) kept.reset();
    return outcome;
}

void zstd(Bytes plain, int level, Blob& target) {
    const std::unique_ptr<ZSTD_CCtx, FreeZstd> context(ZSTD_createCCtx());
    assert(context);
    if (level == default_compression_level) level = ZSTD_CLEVEL_DEFAULT;
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel,
                           std::clamp(level, ZSTD_minCLevel(), ZSTD_maxCLevel()));
    const size_t start = target.size();
    target.resize(start + ZSTD_compressBound(plain.size()));
    const size_t packed_bytes = ZSTD_compress2(context.get(), target.data() + start,
                                               target.size() - start, plain.data(), plain.size());
    assert(!ZSTD_isError(packed_bytes));
    target.resize(start + packed_bytes);
}

}  // namespace

std::optional<Compression> compression_named(std::string_view name) {
    if (name == "none" || name == "uncompressed") return Compression::none;
    if (name == "gzip") return Compression::gzip;
    if (name == "snappy") return Compression::snappy;
    if (name == "lz4") return Compression::lz4;
    if (name == "zstd") return Compression::zstd;
    return std::nullopt;
}

void compress(Compression codec, Bytes plain, int level, Blob& target) {
    switch (codec) {
        case Compression::none: target.insert(target.end(), plain.begin(), plain.end()); return;
        case Compression::gzip: return gzip(plain, level, target);
        case Compression::snappy: return snappy(plain, target);
        case Compression::lz4: return lz4(plain, level, target);
        case Compression::zstd: return zstd(plain, level, target);
    }
    assert(false);
}

std::expected<void, ErrorCode> decompress(Compression codec, Bytes packed, size_t bytes_max,
                                          Blob& target) {
    switch (codec) {
        case Compression::none:
            if (packed.size() > bytes_max) return too_large();
            target.assign(packed.begin(), packed.end());
            return {};
        case Compression::gzip: return gunzip(packed, bytes_max, target);
        case Compression::snappy: return unsnappy(packed, bytes_max, target);
        case Compression::lz4: {
            const auto header = lz4_header(packed);
            return header ? unlz4(*header, packed, bytes_max, target) : corrupt();
        }
        case Compression::zstd: return unzstd(packed, bytes_max, target);
    }
    return corrupt();
}

std::expected<void, ErrorCode> decompress_lz4_of_magic_0(Bytes packed, size_t bytes_max,
                                                         Blob& target) {
    auto header = lz4_header(packed);
    if (!header) return corrupt();
    correct_checksum(*header);
    return unlz4(*header, packed, bytes_max, target);
}

}  // namespace protocol
