// What the controller decides about access control lists (KIP-11, KIP-290, KIP-801), as pure
// functions: entries and filters in, records or an error out.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/metadata/api_error.h"
#include "protocol/stored/security_records.h"

namespace broker::metadata {

// An entry as the image keeps it; a new one has no id yet.
using AclEntry = protocol::AccessControlEntryRecord;

// The codes of AclPermissionType, AclOperation, ResourceType and PatternType that are no value of
// an entry: a filter's "any", and what a newer client may mean.
inline constexpr int8_t acl_unknown = 0, acl_any = 1;

enum class ResourceType : int8_t {
    topic = 2,
    group = 3,
    cluster = 4,
    transactional_id = 5,
    delegation_token = 6,
    user = 7
};
enum class PatternType : int8_t { match = 2, literal = 3, prefixed = 4 };

inline constexpr int8_t acl_resource_last = static_cast<int8_t>(ResourceType::user);
inline constexpr int8_t acl_pattern_last = static_cast<int8_t>(PatternType::prefixed);
inline constexpr int8_t acl_operation_last = 15;  // TWO_PHASE_COMMIT, KIP-939
inline constexpr int8_t acl_permission_last = 3;  // ALLOW

// Which entries are meant: each part that is set, or not `acl_any`, has to agree. A pattern type of
// MATCH means all entries that would apply to the resource of this name (KIP-290).
struct AclFilter {
    int8_t resource_type = acl_any;
    std::optional<std::string> resource_name;
    int8_t pattern_type = acl_any;
    std::optional<std::string> principal;
    std::optional<std::string> host;
    int8_t operation = acl_any;
    int8_t permission_type = acl_any;

    // A part that Kafka does not know: such a filter is refused.
    bool has_unknown_part() const;
    bool matches(const AclEntry& entry) const;
};

// Whether the entry may be added. Errors: invalid_request.
std::expected<void, ApiError> validate_acl(const AclEntry& entry);

// Those that are not there yet, each once. Errors: policy_violation (with them all would take more
// memory than bytes_max, about).
std::expected<std::vector<AclEntry>, ApiError> new_acls(
    const std::map<protocol::Uuid, AclEntry>& existing, const std::vector<AclEntry>& wanted,
    int64_t bytes_max);

}  // namespace broker::metadata
