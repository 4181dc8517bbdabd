#include "broker/security/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cassert>
#include <string_view>

namespace broker::security {

namespace {

using protocol::Blob;
using protocol::Bytes;

const unsigned char* data_of(Bytes bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

const EVP_MD* digest_of(ScramMechanism mechanism) {
    return mechanism == ScramMechanism::sha_256 ? EVP_sha256() : EVP_sha512();
}

Blob hmac(const EVP_MD* digest, Bytes key, std::string_view text) {
    Blob mac(static_cast<size_t>(EVP_MD_get_size(digest)));
    const auto* done = HMAC(digest, data_of(key), static_cast<int>(key.size()),
                            reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                            reinterpret_cast<unsigned char*>(mac.data()), /*md_len=*/nullptr);
    assert(done);
    return mac;
}

Blob hash(const EVP_MD* digest, Bytes bytes) {
    Blob out(static_cast<size_t>(EVP_MD_get_size(digest)));
    const int done =
        EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                   /*size=*/nullptr, digest, /*impl=*/nullptr);
    assert(done == 1);
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
    const EVP_MD* digest = digest_of(mechanism);
    return {.stored_key = hash(digest, hmac(digest, salted_password, "Client Key")),
            .server_key = hmac(digest, salted_password, "Server Key")};
}

}  // namespace broker::security
