// Kafka's codecs behind one interface: gzip, snappy (xerial framing and raw), lz4 frames, zstd.
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string_view>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

// The codec bits of a batch's attributes.
enum class Compression : uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

// Stands for each codec's own default level.
inline constexpr int default_compression_level = std::numeric_limits<int>::min();

// "none"/"uncompressed", "gzip", "snappy", "lz4", "zstd", as in compression.type.
std::optional<Compression> compression_named(std::string_view name);

// Appends the compressed form of `plain` to `target`, framed as Kafka's own producer does. Levels
// are Kafka's (compression.gzip.level and its like); one out of range is taken to the nearest.
void compress(Compression codec, Bytes plain, int level, Blob& target);

// Replaces `target` with what `packed` holds, at most `bytes_max` bytes. What follows a gzip or an
// lz4 stream is passed over, as in Kafka; after snappy and zstd it is an error.
// Errors: corrupt_message; message_too_large when there is more.
std::expected<void, ErrorCode> decompress(Compression codec, Bytes packed, size_t bytes_max,
                                          Blob& target);

// The same for the lz4 of message sets of magic 0, whose frames have a header checksum that Kafka
// once calculated over the wrong bytes: it is not looked at.
std::expected<void, ErrorCode> decompress_lz4_of_magic_0(Bytes packed, size_t bytes_max,
                                                         Blob& target);

}  // namespace protocol
