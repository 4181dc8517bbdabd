// Damages the golden vectors at random: nothing may crash, and whatever is accepted must survive
// being written. EINMAL_SEED and EINMAL_MUTATIONS choose another run.
#include <doctest/doctest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "protocol/message_registry.h"
#include "tests/golden/vector_file.h"
#include "tests/protocol/golden_bytes.h"

using namespace protocol;

namespace {

struct Sample {
    const MessageType* type = nullptr;
    int16_t version = 0;
    Blob body;
};

constexpr size_t sample_bytes_max = 4096;  // larger ones only take longer

// The bodies of one vector file, of the schemas that einmal has.
void add_samples(const std::filesystem::path& file, std::vector<Sample>& samples) {
    const bool is_whole = golden::for_each_line(file, [&](std::string_view line) {
        const auto vector = nlohmann::json::parse(line);
        const std::string kind = vector["kind"];
        if (kind != "request" && kind != "response" && vector.value("framing", "") != "none")
            return;
        const std::string schema =
            vector.contains("schema")
                ? vector["schema"].get<std::string>()
                : vector["api"].get<std::string>() + (kind == "request" ? "Request" : "Response");
        const MessageType* type = find_message_type(schema);
        Blob body = hex(vector["hex"].get<std::string>());
        if (type != nullptr && body.size() <= sample_bytes_max)
            samples.push_back({type, vector["version"].get<int16_t>(), std::move(body)});
    });
    REQUIRE(is_whole);
}

class Mutator {
  public:
    explicit Mutator(uint64_t seed) : random_(seed) {}

    size_t below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }

    void damage(Blob& bytes, const Blob& other) {
        for (size_t times = 1 + below(3); times > 0; --times) damage_once(bytes, other);
    }

  private:
    void damage_once(Blob& bytes, const Blob& other) {
        const size_t at = below(bytes.size() + 1);
        const auto place = bytes.begin() + static_cast<ptrdiff_t>(at);
        static constexpr uint8_t telling[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
        switch (below(5)) {
            case 0:
                if (place != bytes.end()) *place ^= static_cast<std::byte>(1U << below(8));
                break;
            case 1:
                if (place != bytes.end()) *place = std::byte{telling[below(std::size(telling))]};
                break;
            case 2: bytes.resize(at); break;
            case 3:
                bytes.insert(place, 1 + below(5), std::byte{telling[below(std::size(telling))]});
                break;
            default: {
                const size_t from = below(other.size());
                const size_t size = std::min<size_t>(below(16), other.size() - from);
                const auto begin = other.begin() + static_cast<ptrdiff_t>(from);
                bytes.insert(place, begin, begin + static_cast<ptrdiff_t>(size));
            }
        }
    }

    std::mt19937_64 random_;
};

uint64_t number_from_environment(const char* name, uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

TEST_CASE("damaged messages never crash, and what is accepted survives being written") {
    std::vector<Sample> samples;
    for (const auto* file : {"requests", "responses", "coordinator-records"})
        add_samples(std::filesystem::path(GOLDEN_VECTORS) / (std::string(file) + ".jsonl.gz"),
                    samples);
    REQUIRE(samples.size() > 1000);

    const uint64_t seed = number_from_environment("EINMAL_SEED", 1);
    const uint64_t mutations = number_from_environment("EINMAL_MUTATIONS", 100'000);
    CAPTURE(seed);
    Mutator mutator(seed);
    size_t accepted = 0;
    for (uint64_t mutation = 0; mutation < mutations; ++mutation) {
        const Sample& sample = samples[mutator.below(samples.size())];
        Blob body = sample.body;
        mutator.damage(body, samples[mutator.below(samples.size())].body);
        Reader reader(body);
        const auto message = sample.type->read(reader, sample.version);
        if (!message) continue;
        ++accepted;
        Reader written(message->encoded);
        const auto again = sample.type->read(written, sample.version);
        CAPTURE(mutation);
        CAPTURE(sample.type->schema);
        CAPTURE(sample.version);
        CAPTURE(body);
        REQUIRE(again);
        REQUIRE(written.remaining() == 0);
        REQUIRE(again->json == message->json);
        REQUIRE(again->encoded == message->encoded);
    }
    CHECK(accepted > mutations / 10);
    CHECK(accepted < mutations);
    MESSAGE("seed ", seed, ": ", accepted, " of ", mutations, " damaged messages were accepted");
}
