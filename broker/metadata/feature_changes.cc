#include "broker/metadata/feature_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "broker/metadata/features.h"

namespace broker::metadata {

namespace {

// The levels of metadata.version with records, or fields of records, that the one before has not.
constexpr std::array<int16_t, 10> changed_metadata = {8, 11, 13, 14, 15, 17, 23, 30, 32, 33};

constexpr std::string_view failed_for_all =
    "The update failed for all features since the following feature had an error: {}";
constexpr std::string_view lossy_downgrade =
    "Unsupported metadata.version downgrade from {} to {}. {}";
constexpr std::string_view might_delete =
    "Refusing to perform the requested downgrade because it might delete metadata information.";
constexpr std::string_view not_supported =
    "Unsafe metadata downgrade is not supported in this version.";
constexpr std::string_view
    needs_type =
        "Can't downgrade the version of this feature without setting the upgrade type to either "
        "safe " "or unsafe downgrade.";

std::unexpected<ApiError> refuse_update(std::string_view why) {
    return refuse(ErrorCode::invalid_update_version, fmt::format(failed_for_all, why));
}

std::unexpected<ApiError> refuse_level(const FeatureUpdate& update, std::string_view why) {
    return refuse_update(fmt::format("Invalid update version {} for feature {}. {}", update.level,
                                     update.feature, why));
}

int16_t level_of(const ClusterImage& image, std::string_view feature) {
    const auto found = image.features().find(feature);
    return found == image.features().end() ? int16_t{0} : found->second;
}

bool is_known(UpgradeType type) {
    return type == UpgradeType::upgrade || type == UpgradeType::safe_downgrade ||
           type == UpgradeType::unsafe_downgrade;
}

// Whether the level is one that this node can have.
std::expected<void, ApiError> check_range(const FeatureUpdate& update, const FeatureHost& host) {
    if (!is_known(update.type))
        return refuse_level(update, "The controller does not support the given upgrade type.");
    if (update.level < 0) return refuse_level(update, "A feature version cannot be less than 0.");
    const Feature kraft{.name = kraft_version_feature, .max = kraft_version_max};
    const Feature* known =
        update.feature == kraft_version_feature ? &kraft : find_feature(update.feature);
    if (!known && update.level == 0)
        return refuse_level(update, fmt::format("Feature {} not found.", update.feature));
    if (!known)
        return refuse_level(
            update,
            fmt::format("Local controller {} does not support this feature.", host.node_id));
    if (update.level < known->min || update.level > known->max)
        return refuse_level(update, fmt::format("Local controller {} only supports versions {}-{}",
                                                host.node_id, known->min, known->max));
    return {};
}

std::expected<void, ApiError> check_direction(const FeatureUpdate& update, int16_t current) {
    if (update.level < current && update.type == UpgradeType::upgrade)
        return refuse_level(update, needs_type);
    if (update.level > current && update.type != UpgradeType::upgrade)
        return refuse_level(update, "Can't downgrade to a newer version.");
    return {};
}

std::expected<void, ApiError> check_metadata_version(const FeatureUpdate& update, int16_t current) {
    const bool loses = std::ranges::any_of(changed_metadata, [&](int16_t changed) {
        return changed > update.level && changed <= current;
    });
    if (!loses) return {};
    const bool is_safe = update.type == UpgradeType::safe_downgrade;
    return refuse_update(fmt::format(lossy_downgrade, current, update.level,
                                     is_safe ? might_delete : not_supported));
}

// Requires: check_range() passed.
std::expected<void, ApiError> check(const ClusterImage& image, const FeatureUpdate& update,
                                    const FeatureHost& host) {
    const bool is_kraft = update.feature == kraft_version_feature;
    const int16_t current = is_kraft ? host.kraft_version : level_of(image, update.feature);
    if (auto valid = check_direction(update, current); !valid) return valid;
    if (is_kraft && update.level != current)
        return refuse_level(update, "The kraft.version of a metadata log stays.");
    if (update.feature == metadata_version_feature) return check_metadata_version(update, current);
    return {};
}

// KIP-966: it is written from a metadata.version on.
std::expected<void, ApiError> check_dependencies(const ClusterImage& image,
                                                 std::span<const FeatureUpdate> updates) {
    constexpr std::string_view elr = "eligible.leader.replicas.version";
    const auto level_after = [&](std::string_view feature) {
        const auto update = std::ranges::find(updates, feature, &FeatureUpdate::feature);
        return update == updates.end() ? level_of(image, feature) : update->level;
    };
    if (level_after(elr) == 0 ||
        level_after(metadata_version_feature) >= metadata_version_of::eligible_leader_replicas)
        return {};
    return refuse_update(fmt::format("{} could not be set to {} because it depends on {} level {}",
                                     elr, level_after(elr), metadata_version_feature,
                                     metadata_version_of::eligible_leader_replicas));
}

}  // namespace

std::expected<std::vector<MetadataRecord>, ApiError> update_features(
    const ClusterImage& image, std::span<const FeatureUpdate> updates, const FeatureHost& host) {
    std::vector<MetadataRecord> records;
    for (const FeatureUpdate& update : updates) {
        if (auto valid = check_range(update, host); !valid)
            return std::unexpected(std::move(valid.error()));
        if (auto valid = check(image, update, host); !valid)
            return std::unexpected(std::move(valid.error()));
        if (update.feature == kraft_version_feature ||
            update.level == level_of(image, update.feature))
            continue;
        records.emplace_back(protocol::FeatureLevelRecord{.name = std::string(update.feature),
                                                          .feature_level = update.level});
    }
    if (auto valid = check_dependencies(image, updates); !valid)
        return std::unexpected(std::move(valid.error()));
    return records;
}

}  // namespace broker::metadata
