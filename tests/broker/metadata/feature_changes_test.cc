// Which levels the cluster's features may be finalized at.
#include "broker/metadata/feature_changes.h"

#include <doctest/doctest.h>

#include "broker/metadata/features.h"

using namespace broker::metadata;

namespace {

constexpr auto up = UpgradeType::upgrade;
constexpr auto down = UpgradeType::safe_downgrade;
constexpr auto unsafely_down = UpgradeType::unsafe_downgrade;

struct Cluster {
    Cluster() {
        for (const Feature& feature : features) finalize(std::string(feature.name), feature.max);
    }
    void finalize(const std::string& name, int16_t level) {
        image.replay(protocol::FeatureLevelRecord{.name = name, .feature_level = level});
    }
    std::expected<std::vector<MetadataRecord>, ApiError> ask(
        const std::vector<FeatureUpdate>& updates) const {
        return update_features(image, updates, {.node_id = 1, .kraft_version = 1});
    }
    ErrorCode update(const std::vector<FeatureUpdate>& updates) {
        const auto records = ask(updates);
        if (!records) return records.error().code;
        for (const auto& record : *records) image.replay(record);
        return ErrorCode::none;
    }
    int16_t level(std::string_view feature) const {
        const auto found = image.features().find(feature);
        return found == image.features().end() ? int16_t{0} : found->second;
    }
    broker::config::BrokerValues values;
    ClusterImage image{values};
};

}  // namespace

TEST_CASE("a feature goes down only for who says so, and up again") {
    Cluster cluster;
    CHECK(cluster.update({{"transaction.version", 1, up}}) == ErrorCode::invalid_update_version);
    CHECK(cluster.update({{"transaction.version", 1, down}}) == ErrorCode::none);
    CHECK(cluster.level("transaction.version") == 1);
    CHECK(cluster.update({{"transaction.version", 0, unsafely_down}}) == ErrorCode::none);
    CHECK(cluster.level("transaction.version") == 0);
    CHECK(cluster.update({{"transaction.version", 2, down}}) == ErrorCode::invalid_update_version);
    CHECK(cluster.update({{"transaction.version", 2, up}}) == ErrorCode::none);
    CHECK(cluster.level("transaction.version") == 2);
}

TEST_CASE("the level that it has is no change") {
    const Cluster cluster;
    for (const auto type : {up, down, unsafely_down})
        CHECK(cluster.ask({{"transaction.version", 2, type}})->empty());
    CHECK(cluster.ask({})->empty());
}

TEST_CASE("levels, features and types that are not known are refused") {
    Cluster cluster;
    for (const FeatureUpdate& wrong :
         std::vector<FeatureUpdate>{{"transaction.version", -1, down},
                                    {"transaction.version", 3, up},
                                    {"transaction.version", 1, UpgradeType{0}},
                                    {"transaction.version", 1, UpgradeType{4}},
                                    {"time.travel", 1, up},
                                    {"time.travel", 0, down},
                                    {"", 1, up},
                                    {"metadata.version", 6, down},
                                    {"metadata.version", 99, up}}) {
        CAPTURE(wrong.feature);
        CHECK(cluster.update({wrong}) == ErrorCode::invalid_update_version);
    }
    CHECK(cluster.ask({{"time.travel", 1, up}}).error().message ==
          "The update failed for all features since the following feature had an error: Invalid "
          "update version 1 for feature time.travel. Local controller 1 does not support this "
          "feature.");
}

TEST_CASE("one wrong update fails them all") {
    Cluster cluster;
    CHECK(cluster.update({{"transaction.version", 1, down}, {"time.travel", 1, up}}) ==
          ErrorCode::invalid_update_version);
    CHECK(cluster.level("transaction.version") == 2);
}

TEST_CASE("metadata.version goes down where nothing that is written would be lost") {
    Cluster cluster;
    cluster.finalize("metadata.version", 29);
    CHECK(cluster.update({{"metadata.version", 23, down}}) == ErrorCode::none);
    CHECK(cluster.level("metadata.version") == 23);
    CHECK(cluster.update({{"metadata.version", 22, down}}) == ErrorCode::invalid_update_version);
    CHECK(cluster.update({{"metadata.version", 22, unsafely_down}}) ==
          ErrorCode::invalid_update_version);
    CHECK(cluster.update({{"metadata.version", 30, up}}) == ErrorCode::none);
    CHECK(cluster.update({{"metadata.version", 29, down}}) == ErrorCode::invalid_update_version);
}

TEST_CASE("eligible leader replicas need a metadata.version that has them") {
    Cluster cluster;
    cluster.finalize("metadata.version", 22);
    cluster.finalize("eligible.leader.replicas.version", 0);
    const FeatureUpdate elr{"eligible.leader.replicas.version", 1, up};
    CHECK(cluster.update({elr}) == ErrorCode::invalid_update_version);
    CHECK(cluster.update({elr, {"metadata.version", 23, up}}) == ErrorCode::none);
}

TEST_CASE("the metadata log's own kraft.version stays") {
    Cluster cluster;
    CHECK(cluster.ask({{"kraft.version", 1, up}})->empty());
    CHECK(cluster.update({{"kraft.version", 0, down}}) == ErrorCode::invalid_update_version);
    CHECK(cluster.update({{"kraft.version", 2, up}}) == ErrorCode::invalid_update_version);
}
