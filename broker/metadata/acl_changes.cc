#include "broker/metadata/acl_changes.h"

#include <fmt/format.h>

#include <set>
#include <tuple>
#include <utility>

namespace broker::metadata {

namespace {

constexpr std::string_view cluster_name = "kafka-cluster";
constexpr std::string_view wildcard = "*";

bool is_value(int8_t code, int8_t last) { return code > acl_any && code <= last; }

// A code that Kafka does not know stands for UNKNOWN.
bool is_known(int8_t code, int8_t last) { return code > acl_unknown && code <= last; }

bool agrees(int8_t wanted, int8_t code) { return wanted == acl_any || wanted == code; }

bool agrees(const std::optional<std::string>& wanted, const std::string& text) {
    return !wanted || *wanted == text;
}

auto parts_of(const AclEntry& entry) {
    return std::tie(entry.resource_type, entry.resource_name, entry.pattern_type, entry.principal,
                    entry.host, entry.operation, entry.permission_type);
}

size_t bytes_of(const AclEntry& entry) {
    constexpr size_t entry_bytes = 256;
    return entry_bytes + entry.resource_name.size() + entry.principal.size() + entry.host.size();
}

// MATCH with a name: a literal entry of this name or of all, or the prefix of this name.
bool applies_to(const AclEntry& entry, const std::string& name) {
    if (entry.pattern_type == static_cast<int8_t>(PatternType::prefixed))
        return name.starts_with(entry.resource_name);
    return entry.resource_name == name || entry.resource_name == wildcard;
}

}  // namespace

bool AclFilter::has_unknown_part() const {
    return !is_known(resource_type, acl_resource_last) ||
           !is_known(pattern_type, acl_pattern_last) || !is_known(operation, acl_operation_last) ||
           !is_known(permission_type, acl_permission_last);
}

bool AclFilter::matches(const AclEntry& entry) const {
    if (!agrees(resource_type, entry.resource_type) || !agrees(principal, entry.principal) ||
        !agrees(host, entry.host) || !agrees(operation, entry.operation) ||
        !agrees(permission_type, entry.permission_type))
        return false;
    if (pattern_type == static_cast<int8_t>(PatternType::match))
        return !resource_name || applies_to(entry, *resource_name);
    return agrees(pattern_type, entry.pattern_type) && agrees(resource_name, entry.resource_name);
}

std::expected<void, ApiError> validate_acl(const AclEntry& entry) {
    const auto invalid = [](std::string message) {
        return refuse(ErrorCode::invalid_request, std::move(message));
    };
    if (entry.resource_type == static_cast<int8_t>(ResourceType::cluster) &&
        entry.resource_name != cluster_name)
        return invalid("The only valid name for the CLUSTER resource is kafka-cluster");
    if (entry.resource_name.empty()) return invalid("Invalid empty resource name");
    if (!is_value(entry.resource_type, acl_resource_last)) return invalid("Invalid resourceType");
    if (entry.pattern_type != static_cast<int8_t>(PatternType::literal) &&
        entry.pattern_type != static_cast<int8_t>(PatternType::prefixed))
        return invalid("Invalid patternType");
    if (!is_value(entry.operation, acl_operation_last)) return invalid("Invalid operation");
    if (!is_value(entry.permission_type, acl_permission_last))
        return invalid("Invalid permissionType");
    if (!entry.principal.contains(':'))
        return invalid(
            "Could not parse principal from `" + entry.principal +
            "` (no colon is present separating the principal type from the principal " "name)");
    return {};
}

std::expected<std::vector<AclEntry>, ApiError> new_acls(
    const std::map<protocol::Uuid, AclEntry>& existing, const std::vector<AclEntry>& wanted,
    int64_t bytes_max) {
    // All but the ids.
    std::set<decltype(parts_of(wanted.front()))> known;
    size_t bytes = 0;
    for (const auto& [id, entry] : existing) {
        known.insert(parts_of(entry));
        bytes += bytes_of(entry);
    }
    std::vector<AclEntry> fresh;
    for (const AclEntry& entry : wanted) {
        if (!known.insert(parts_of(entry)).second) continue;
        fresh.push_back(entry);
        bytes += bytes_of(entry);
    }
    if (fresh.empty() || std::cmp_less_equal(bytes, bytes_max)) return fresh;
    return refuse(
        ErrorCode::policy_violation,
        fmt::format("All ACLs would take more than einmal.config.bytes.max={}", bytes_max));
}

}  // namespace broker::metadata
