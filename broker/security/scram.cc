#include "broker/security/scram.h"

#include <nettle/hmac.h>
#include <nettle/nettle-meta.h>

#include <span>
#include <string_view>

namespace broker::security {

namespace {

using protocol::Blob;
using protocol::Bytes;

const uint8_t* data_of(Bytes bytes) { return reinterpret_cast<const uint8_t*>(bytes.data()); }
uint8_t* data_of(Blob& bytes) { return reinterpret_cast<uint8_t*>(bytes.data()); }

const nettle_hash& digest_of(ScramMechanism mechanism) {
    return mechanism == ScramMechanism::sha_256 ? nettle_sha256 : nettle_sha512;
}

Blob hmac(const nettle_hash& digest, Bytes key, std::string_view text) {
    const Bytes message = std::as_bytes(std::span(text));
    Blob outer(digest.context_size), inner(digest.context_size), state(digest.context_size);
    nettle_hmac_set_key(outer.data(), inner.data(), state.data(), &digest, key.size(),
                        data_of(key));
    nettle_hmac_update(state.data(), &digest, message.size(), data_of(message));
    Blob mac(digest.digest_size);
    nettle_hmac_digest(outer.data(), inner.data(), state.data(), &digest, mac.size(), data_of(mac));
    return mac;
}

Blob hash(const nettle_hash& digest, Bytes bytes) {
    Blob state(digest.context_size);
    digest.init(state.data());
    digest.update(state.data(), bytes.size(), data_of(bytes));
    Blob out(digest.digest_size);
    digest.digest(state.data(), out.size(), data_of(out));
    return out;
}

}  // namespace

std::optional<ScramMechanism> scram_mechanism(int8_t type) {
    const auto mechanism = static_cast<ScramMechanism>(type);
    switch (mechanism) {
        case ScramMechanism::sha_256:
        case ScramMechanism::sha_512: return mechanism;
    }
    return std::nullopt;
}

ScramKeys scram_keys(ScramMechanism mechanism, Bytes salted_password) {
    const nettle_hash& digest = digest_of(mechanism);
    return {.stored_key = hash(digest, hmac(digest, salted_password, "Client Key")),
            .server_key = hmac(digest, salted_password, "Server Key")};
}

}  // namespace broker::security
