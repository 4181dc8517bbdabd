#include "broker/metadata/quota_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <set>

namespace broker::metadata {

namespace {

using Checked = std::expected<void, ApiError>;

std::unexpected<ApiError> refuse(std::string message) {
    return std::unexpected(ApiError{ErrorCode::invalid_request, std::move(message)});
}

// All quotas together: they stay in memory, and there is room for tens of thousands.
constexpr size_t quota_bytes_max = 16 << 20;

struct QuotaKey {
    std::string_view name;
    bool is_of_ip = false;
    bool is_whole = false;
    double max = std::numeric_limits<double>::infinity();  // is too large itself
};

constexpr double long_max = 9223372036854775807.0;
constexpr double int_max = 2147483648.0;
constexpr QuotaKey keys[] = {
    {.name = quota::produce_key, .is_whole = true, .max = long_max},
    {.name = quota::fetch_key, .is_whole = true, .max = long_max},
    {.name = quota::request_key},
    {.name = quota::controller_mutation_key},
    {.name = quota::connection_key, .is_of_ip = true, .is_whole = true, .max = int_max},
};

bool has_type(const QuotaEntity& entity, std::string_view type) {
    return std::ranges::find(entity, type, &quota::EntityData::entity_type) != entity.end();
}

Checked check_entity(const QuotaEntity& entity) {
    if (entity.empty()) return refuse("A client quota is about a user, a client id or an IP.");
    for (const auto& [type, name] : entity) {
        if (type != quota::user_type && type != quota::client_id_type && type != quota::ip_type)
            return refuse(fmt::format("Unhandled client quota entity type: {}", type));
        if (name && name->empty()) return refuse(fmt::format("Empty {} not supported", type));
        if (type != quota::ip_type) continue;
        if (entity.size() > 1)
            return refuse("An IP cannot be combined with a user or a client id.");
        // Apache Kafka would look a name up in the DNS, here and on each broker.
        if (name && !quota::canonical_address(*name))
            return refuse(fmt::format("{} is not a valid IP address.", *name));
    }
    return {};
}

Checked check_value(const QuotaEntity& entity, const QuotaOp& op) {
    const bool is_ip = has_type(entity, quota::ip_type);
    const auto key = std::ranges::find_if(keys, [&](const QuotaKey& candidate) {
        return candidate.name == op.key && candidate.is_of_ip == is_ip;
    });
    if (key == std::end(keys)) return refuse(fmt::format("Invalid configuration key {}", op.key));
    const double value = *op.value;
    if (!(value > 0)) return refuse(fmt::format("Quota {} must be greater than 0", op.key));
    if (value >= key->max) return refuse(fmt::format("{} is too large for {}", value, op.key));
    if (!key->is_whole) return {};
    // What a client has computed may be as much beside a whole number, as in Kafka.
    constexpr double epsilon = 1e-6;
    if (std::abs(std::floor(value + epsilon) - value) > epsilon)
        return refuse(fmt::format("{} cannot be a fractional value.", op.key));
    return {};
}

Checked check_ops(const QuotaAlteration& alteration) {
    std::set<std::string_view> named;
    for (const QuotaOp& op : alteration.ops) {
        if (!named.insert(op.key).second)
            return refuse(fmt::format("Duplicate quota key {}", op.key));
        if (!op.value) continue;
        if (auto valid = check_value(alteration.entity, op); !valid) return valid;
    }
    return {};
}

// What a quota takes in memory and in a snapshot, about.
size_t bytes_of(const QuotaEntity& entity, std::string_view key) {
    constexpr size_t around_bytes = 200;
    size_t bytes = around_bytes + key.size();
    for (const auto& [type, name] : entity) bytes += type.size() + (name ? name->size() : 0);
    return bytes;
}

// The alterations of a request, one by one.
class Alterations {
  public:
    explicit Alterations(const ClusterImage& image) : image_(image) {
        for (const auto& [quota, value] : image.quotas())
            bytes_ += bytes_of(quota.first, quota.second);
    }

    Checked add(const QuotaAlteration& alteration) {
        if (auto valid = check_entity(alteration.entity); !valid) return valid;
        if (auto valid = check_ops(alteration); !valid) return valid;
        std::vector<MetadataRecord> records;
        size_t new_bytes = 0;
        for (const QuotaOp& op : alteration.ops) {
            const auto found = image_.quotas().find({alteration.entity, op.key});
            const auto present =
                found == image_.quotas().end() ? std::nullopt : std::optional(found->second);
            if (present == op.value) continue;
            if (!present) new_bytes += bytes_of(alteration.entity, op.key);
            records.emplace_back(protocol::ClientQuotaRecord{.entity = alteration.entity,
                                                             .key = op.key,
                                                             .value = op.value.value_or(0),
                                                             .remove = !op.value});
        }
        if (new_bytes > 0 && bytes_ + new_bytes > quota_bytes_max)
            return metadata::refuse(ErrorCode::policy_violation, "There are too many quotas.");
        bytes_ += new_bytes;
        std::ranges::move(records, std::back_inserter(records_));
        return {};
    }

    std::vector<MetadataRecord> records() && { return std::move(records_); }

  private:
    const ClusterImage& image_;
    size_t bytes_ = 0;  // of all quotas
    std::vector<MetadataRecord> records_;
};

}  // namespace

QuotaEntity sorted_entity(std::vector<quota::EntityData> parts) {
    std::map<std::string, std::optional<std::string>> by_type;
    for (auto& part : parts) by_type[std::move(part.entity_type)] = std::move(part.entity_name);
    QuotaEntity entity;
    for (auto& [type, name] : by_type) entity.push_back({type, std::move(name)});
    return entity;
}

QuotaChanges alter_client_quotas(const ClusterImage& image,
                                 const std::vector<QuotaAlteration>& alterations) {
    QuotaChanges changes;
    Alterations accepted(image);
    std::map<QuotaEntity, size_t> places;  // in the results
    for (const QuotaAlteration& alteration : alterations) {
        const auto [place, is_new] = places.emplace(alteration.entity, changes.results.size());
        if (!is_new) {
            changes.results[place->second].error = {
                ErrorCode::invalid_request, "The entity is named more than once in the request."};
            continue;
        }
        auto& result = changes.results.emplace_back(alteration.entity);
        if (auto added = accepted.add(alteration); !added) result.error = std::move(added.error());
    }
    changes.records = std::move(accepted).records();
    return changes;
}

}  // namespace broker::metadata
