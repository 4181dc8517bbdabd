// Damaged batches and message sets, at random: no reader may crash, read beyond its bytes, or take
// for valid what it then cannot read.
#include <doctest/doctest.h>

#include <random>

#include "protocol/crc32c.h"
#include "protocol/legacy_records.h"
#include "protocol/record_validation.h"
#include "protocol/wire.h"
#include "tests/protocol/golden_bytes.h"

using namespace protocol;

namespace {

constexpr uint64_t seed = 20261121;
constexpr int batch_rounds = 8'000;
constexpr int codec_rounds = 3'000;

class Mutator {
  public:
    explicit Mutator(std::mt19937_64& random) : random_(random) {}

    Blob sound_batch() {
        BatchBuilder builder({.compression = static_cast<Compression>(below(5)),
                              .producer_id = static_cast<int64_t>(below(3)) - 1,
                              .producer_epoch = 0,
                              .base_sequence = static_cast<int32_t>(below(100))});
        const Blob noise = bytes(below(200));
        const std::array headers{RecordHeader{"h", Bytes(noise)}, RecordHeader{"", std::nullopt}};
        for (size_t i = 0, count = 1 + below(5); i < count; ++i)
            builder.add(static_cast<int64_t>(1000 + below(50)),
                        below(2) == 0 ? std::nullopt : std::optional<Bytes>(noise), Bytes(noise),
                        std::span(headers).first(below(3)));
        return builder.build();
    }

    void damage(Blob& target) {
        for (size_t i = 0, count = 1 + below(4); i < count && !target.empty(); ++i) {
            const auto at = static_cast<ptrdiff_t>(below(target.size()));
            switch (below(5)) {
                case 0:
                    target[static_cast<size_t>(at)] ^= static_cast<std::byte>(1 << below(8));
                    break;
                case 1: target[static_cast<size_t>(at)] = extreme(); break;
                case 2: target.insert(target.begin() + at, extreme()); break;
                case 3: target.erase(target.begin() + at); break;
                case 4: target.resize(static_cast<size_t>(at)); break;
            }
        }
    }

    size_t below(size_t limit) { return random_() % limit; }

  private:
    Blob bytes(size_t size) {
        Blob noise(size);
        for (auto& byte : noise) byte = static_cast<std::byte>(random_() % 4 == 0 ? random_() : 0);
        return noise;
    }
    std::byte extreme() {
        constexpr std::array values{0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};
        return static_cast<std::byte>(values[below(values.size())]);
    }

    std::mt19937_64& random_;
};

// Makes length and CRC fit the damage, so that it is met further inside.
void repair(Blob& batch) {
    if (batch.size() < batch_header_bytes) return;
    BufferSink(batch.data() + 8).integer(static_cast<int32_t>(batch.size() - batch_prefix_bytes));
    BufferSink(batch.data() + 17).integer(crc32c(Bytes(batch).subspan(21)));
}

size_t bytes_seen(const Record& record) {
    size_t sum = record.headers.size();
    for (const auto& field : {record.key, record.value})
        for (const std::byte byte : field.value_or(Bytes{})) sum += static_cast<size_t>(byte);
    return sum;
}

// Reads everything there is, and tells whether the batch is one that a client may send.
bool read_all(const Blob& bytes) {
    size_t sum = 0;
    const auto visit = [&sum](const Record& record) {
        sum += bytes_seen(record);
        return true;
    };
    if (const auto legacy = LegacyMessage::first_in(bytes)) {
        static_cast<void>(legacy->content());
        static_cast<void>(for_each_legacy_record(*legacy, visit));
    }
    const auto batch = BatchView::first_in(bytes);
    if (!batch) return false;
    const auto read = for_each_record(*batch, visit);
    static_cast<void>(control_record(*batch));
    const auto packed = recompress(*batch, Compression::lz4, default_compression_level);
    if (read && packed && batch->record_count() > 0) {
        const auto again = BatchView::first_in(*packed);
        REQUIRE(again);
        CHECK(for_each_record(*again, visit));
    }
    const auto valid = validate_produced(bytes, {.batch_bytes_max = 1 << 20});
    if (valid) CHECK(read);
    return valid.has_value();
}

}  // namespace

TEST_CASE("damaged batches are refused or read, never believed") {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Mutator mutator(random);
    int accepted = 0;
    for (int round = 0; round < batch_rounds; ++round) {
        CAPTURE(round);
        Blob bytes = mutator.sound_batch();
        REQUIRE(read_all(bytes));
        mutator.damage(bytes);
        if (mutator.below(8) != 0) repair(bytes);
        accepted += read_all(bytes) ? 1 : 0;
    }
    // Some damage is harmless, most of it is not.
    CHECK(accepted > 0);
    CHECK(accepted < batch_rounds / 2);
}

TEST_CASE("damaged compressed data is corrupt or bounded, under each codec") {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Mutator mutator(random);
    constexpr size_t bytes_max = 1 << 16;
    Blob plain(20'000), target;
    for (size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<std::byte>(random() & 3);
    int refused = 0;
    for (int round = 0; round < codec_rounds; ++round) {
        CAPTURE(round);
        const auto codec = static_cast<Compression>(1 + mutator.below(4));
        Blob packed;
        compress(codec, Bytes(plain).first(mutator.below(plain.size())), default_compression_level,
                 packed);
        mutator.damage(packed);
        const auto result = decompress(codec, packed, bytes_max, target);
        refused += result ? 0 : 1;
        if (result) CHECK(target.size() <= bytes_max);
        static_cast<void>(decompress_lz4_of_magic_0(packed, bytes_max, target));
    }
    CHECK(refused > codec_rounds / 4);
}
