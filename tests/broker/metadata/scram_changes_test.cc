// What the controller decides about SCRAM users.
#include "broker/metadata/scram_changes.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "broker/metadata/features.h"
#include "broker/security/scram.h"

using namespace broker::metadata;
using protocol::ErrorCode;

namespace {

constexpr int8_t sha_256 = 1;
constexpr int8_t sha_512 = 2;

struct Cluster {
    explicit Cluster(int16_t metadata_version = 30) {
        image.replay(protocol::FeatureLevelRecord{.name = std::string(metadata_version_feature),
                                                  .feature_level = metadata_version});
    }
    std::map<std::string, ErrorCode> alter(const std::vector<ScramDeletion>& deletions,
                                           const std::vector<ScramUpsertion>& upsertions) {
        const auto changes = alter_scram_credentials(image, deletions, upsertions);
        for (const auto& record : changes.records) image.replay(record);
        std::map<std::string, ErrorCode> errors;
        for (const auto& [user, error] : changes.results) errors[user] = error.code;
        CHECK(errors.size() == changes.results.size());
        return errors;
    }
    ErrorCode upsert(const ScramUpsertion& upsertion) {
        return alter({}, {upsertion}).at(upsertion.user);
    }
    ErrorCode remove(const ScramDeletion& deletion) {
        return alter({deletion}, {}).at(deletion.user);
    }
    broker::config::BrokerValues values;
    ClusterImage image{values};
};

ScramUpsertion password(const std::string& user, int8_t mechanism = sha_256,
                        int32_t iterations = 4096) {
    return {.user = user,
            .mechanism = mechanism,
            .iterations = iterations,
            .salt = {std::byte{1}},
            .salted_password = {std::byte{2}, std::byte{3}}};
}

using Errors = std::map<std::string, ErrorCode>;

}  // namespace

TEST_CASE("of a password the keys are kept that are derived from it") {
    Cluster cluster;
    CHECK(cluster.upsert(password("ann", sha_512, 16'384)) == ErrorCode::none);
    const auto& kept = cluster.image.scram_users().at({"ann", sha_512});
    CHECK(kept.iterations == 16'384);
    CHECK(kept.salt == password("ann").salt);
    const auto keys = broker::security::scram_keys(broker::security::ScramMechanism::sha_512,
                                                   password("ann").salted_password);
    CHECK(kept.stored_key == keys.stored_key);
    CHECK(kept.server_key == keys.server_key);
}

TEST_CASE("a user has a credential for each mechanism, which go one by one") {
    Cluster cluster;
    cluster.upsert(password("ann", sha_256));
    cluster.upsert(password("ann", sha_512));
    CHECK(cluster.image.scram_users().size() == 2);
    CHECK(cluster.remove({"ann", sha_256}) == ErrorCode::none);
    CHECK(cluster.remove({"ann", sha_256}) == ErrorCode::resource_not_found);
    CHECK(cluster.image.scram_users().size() == 1);
}

TEST_CASE("a password is hashed 4096 to 16384 times") {
    Cluster cluster;
    for (const int32_t iterations : {-1, 0, 4095, 16'385})
        CHECK(cluster.upsert(password("ann", sha_256, iterations)) ==
              ErrorCode::unacceptable_credential);
    for (const int32_t iterations : {4096, 16'384})
        CHECK(cluster.upsert(password("ann", sha_256, iterations)) == ErrorCode::none);
}

TEST_CASE("a name is looked at before the mechanism, and that before the rest") {
    Cluster cluster;
    CHECK(cluster.upsert(password("", 7, 1)) == ErrorCode::unacceptable_credential);
    CHECK(cluster.upsert(password("ann", 7, 1)) == ErrorCode::unsupported_sasl_mechanism);
    CHECK(cluster.remove({"", 7}) == ErrorCode::unacceptable_credential);
    CHECK(cluster.remove({"ann", 7}) == ErrorCode::unsupported_sasl_mechanism);
    ScramUpsertion empty = password("ann");
    empty.salted_password.clear();
    CHECK(cluster.upsert(empty) == ErrorCode::unacceptable_credential);
    CHECK(cluster.image.scram_users().empty());
}

TEST_CASE("a user that is named twice in a request stays as it was") {
    Cluster cluster;
    cluster.upsert(password("ann"));
    CHECK(cluster.alter({{"ann", sha_256}}, {password("ann", sha_512), password("ben")}) ==
          Errors{{"ann", ErrorCode::duplicate_resource}, {"ben", ErrorCode::none}});
    CHECK(cluster.alter({{"ann", sha_256}, {"ann", sha_256}}, {}) ==
          Errors{{"ann", ErrorCode::duplicate_resource}});
    CHECK(cluster.image.scram_users().contains({"ann", sha_256}));
    CHECK_FALSE(cluster.image.scram_users().contains({"ann", sha_512}));
    // Its first fault is what it is told.
    CHECK(cluster.alter({}, {password("cleo", sha_256, 1), password("cleo")}) ==
          Errors{{"cleo", ErrorCode::unacceptable_credential}});
}

TEST_CASE("before metadata.version 11 there are no SCRAM users") {
    Cluster cluster(10);
    CHECK(cluster.upsert(password("ann")) == ErrorCode::unsupported_version);
    CHECK(cluster.remove({"ann", sha_256}) == ErrorCode::unsupported_version);
}

TEST_CASE("SCRAM users do not take all memory") {
    Cluster cluster;
    ScramUpsertion large = password("ann");
    large.salt.resize(15 << 20);
    CHECK(cluster.upsert(large) == ErrorCode::none);
    ScramUpsertion second = large;
    second.user = "ben";
    CHECK(cluster.upsert(second) == ErrorCode::policy_violation);
    CHECK(cluster.upsert(password("ben")) == ErrorCode::none);
    CHECK(cluster.remove({"ann", sha_256}) == ErrorCode::none);
    CHECK(cluster.upsert(second) == ErrorCode::none);
}
