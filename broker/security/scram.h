// SCRAM (RFC 5802, KIP-84): the mechanisms, and what a broker keeps of a password.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/types.h"

namespace broker::security {

// As on the wire, and in the metadata log.
enum class ScramMechanism : int8_t { sha_256 = 1, sha_512 = 2 };

// Nullopt: Kafka has no such mechanism.
std::optional<ScramMechanism> scram_mechanism(int8_t type);

// How often a password is hashed, for either mechanism, both ends included.
inline constexpr int32_t scram_iterations_min = 4096;
inline constexpr int32_t scram_iterations_max = 16384;

// What verifies a client, and proves the broker to it; neither lets anybody pass for the client.
struct ScramKeys {
    protocol::Blob stored_key;
    protocol::Blob server_key;
    bool operator==(const ScramKeys&) const = default;
};

ScramKeys scram_keys(ScramMechanism mechanism, protocol::Bytes salted_password);

}  // namespace broker::security
