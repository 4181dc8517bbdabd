// What is kept of a password.
#include "broker/security/scram.h"

#include <doctest/doctest.h>

#include "tools/inspect/hex.h"

using namespace broker::security;

namespace {

// PBKDF2 of "pencil" with RFC 7677's salt, 4096 times.
protocol::Blob salted_pencil(ScramMechanism mechanism) {
    const auto salted = inspect::from_hex(
        mechanism == ScramMechanism::sha_256
            ? "c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d"
            : "f16efe1be67f1d09502ebd5ed9262fddffba5a377ab4f0b687e5ed5ba0f50686"
              "b8a4ae166476da8ab3b951d2fa9238b63998f45461bc33a464814949cec9631d");
    REQUIRE(salted);
    return *salted;
}

}  // namespace

TEST_CASE("the keys of a password are those of RFC 5802") {
    const auto short_keys =
        scram_keys(ScramMechanism::sha_256, salted_pencil(ScramMechanism::sha_256));
    CHECK(inspect::to_hex(short_keys.stored_key) ==
          "586e5df283e6dceb5c3e791d8b8528ec191e664045ce971792e2e6b5bb13e2a6");
    CHECK(inspect::to_hex(short_keys.server_key) ==
          "c1f3cbc1c13a9d35a14c0990eed97629ea225863e566a4314ab99f3f00e5d9d5");

    const auto long_keys =
        scram_keys(ScramMechanism::sha_512, salted_pencil(ScramMechanism::sha_512));
    CHECK(inspect::to_hex(long_keys.stored_key) ==
          "e8002e6f7d3ae446119b216933644dc2a2be7869eb918b8459b5e7d7d2ec1260"
          "6aceef106825cd735170a675fd3611f684affad1dce3f43a0ee43bd590e1dbbe");
    CHECK(inspect::to_hex(long_keys.server_key) ==
          "8d91db6230b5687874fe129bc7206e1858c3ae08e02934f57ac03b6b05a229c4"
          "59d28ff46f5c9611e6c179256490215ec1ff759cb0df285db89af0f99e613aac");
}

TEST_CASE("a mechanism is one of Kafka's two") {
    CHECK(scram_mechanism(1) == ScramMechanism::sha_256);
    CHECK(scram_mechanism(2) == ScramMechanism::sha_512);
    for (const int8_t unknown : std::initializer_list<int8_t>{-1, 0, 3, 127})
        CHECK(scram_mechanism(unknown) == std::nullopt);
}
