// What the controller decides about the credentials of SCRAM users (KIP-554, KIP-900), as a pure
// function of the image.
#pragma once

#include <string>
#include <vector>

#include "broker/metadata/api_error.h"
#include "broker/metadata/cluster_image.h"

namespace broker::metadata {

struct ScramDeletion {
    std::string user;
    int8_t mechanism = 0;  // as on the wire: security::ScramMechanism, or none that is known
};

struct ScramUpsertion {
    std::string user;
    int8_t mechanism = 0;
    int32_t iterations = 0;
    protocol::Blob salt;
    protocol::Blob salted_password;
};

struct ScramChanges {
    struct Result {
        std::string user;
        ApiError error;
    };

    std::vector<MetadataRecord> records;
    std::vector<Result> results;  // one for each user, in the order of their first naming
};

// The salted password is not kept: what is derived from it verifies a client, and cannot pass for
// one. Errors of a user: duplicate_resource (named twice, then nothing is done for it),
// resource_not_found, unacceptable_credential, unsupported_sasl_mechanism, policy_violation (too
// many credentials), and unsupported_version where the metadata.version has no such records.
ScramChanges alter_scram_credentials(const ClusterImage& image,
                                     const std::vector<ScramDeletion>& deletions,
                                     const std::vector<ScramUpsertion>& upsertions);

}  // namespace broker::metadata
