// Who may do what, in the metadata log: ACLs (KIP-801), SCRAM users (KIP-900), delegation tokens
// (KIP-900), client quotas (KIP-546).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct AccessControlEntryRecord {
    static constexpr int16_t record_type = 18;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    Uuid id;
    int8_t resource_type = 0;
    std::string resource_name;
    int8_t pattern_type = 0;
    std::string principal;
    std::string host;
    int8_t operation = 0;
    int8_t permission_type = 0;

    static void fields(auto& f, auto& m) {
        f("Id", m.id);
        f("ResourceType", m.resource_type);
        f("ResourceName", m.resource_name);
        f("PatternType", m.pattern_type);
        f("Principal", m.principal);
        f("Host", m.host);
        f("Operation", m.operation);
        f("PermissionType", m.permission_type);
    }
};

struct RemoveAccessControlEntryRecord {
    static constexpr int16_t record_type = 19;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    Uuid id;

    static void fields(auto& f, auto& m) { f("Id", m.id); }
};

struct UserScramCredentialRecord {
    static constexpr int16_t record_type = 11;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::string name;
    int8_t mechanism = 0;
    Blob salt;
    Blob stored_key;
    Blob server_key;
    int32_t iterations = 0;

    static void fields(auto& f, auto& m) {
        f("Name", m.name);
        f("Mechanism", m.mechanism);
        f("Salt", m.salt);
        f("StoredKey", m.stored_key);
        f("ServerKey", m.server_key);
        f("Iterations", m.iterations);
    }
};

struct RemoveUserScramCredentialRecord {
    static constexpr int16_t record_type = 22;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::string name;
    int8_t mechanism = 0;

    static void fields(auto& f, auto& m) {
        f("Name", m.name);
        f("Mechanism", m.mechanism);
    }
};

struct DelegationTokenRecord {
    static constexpr int16_t record_type = 10;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::string owner;
    std::string requester;
    std::vector<std::string> renewers;
    int64_t issue_timestamp = 0;
    int64_t max_timestamp = 0;
    int64_t expiration_timestamp = 0;
    std::string token_id;

    static void fields(auto& f, auto& m) {
        f("Owner", m.owner);
        f("Requester", m.requester);
        f("Renewers", m.renewers);
        f("IssueTimestamp", m.issue_timestamp);
        f("MaxTimestamp", m.max_timestamp);
        f("ExpirationTimestamp", m.expiration_timestamp);
        f("TokenId", m.token_id);
    }
};

struct RemoveDelegationTokenRecord {
    static constexpr int16_t record_type = 26;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::string token_id;

    static void fields(auto& f, auto& m) { f("TokenId", m.token_id); }
};

struct ClientQuotaRecord {
    static constexpr int16_t record_type = 14;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct EntityData {
        std::string entity_type;
        std::optional<std::string> entity_name = std::string{};  // null: the default of this type

        auto operator<=>(const EntityData&) const = default;
        static void fields(auto& f, auto& m) {
            f("EntityType", m.entity_type);
            f("EntityName", m.entity_name);
        }
    };

    std::vector<EntityData> entity;
    std::string key;
    double value = 0;
    bool remove = false;

    static void fields(auto& f, auto& m) {
        f("Entity", m.entity);
        f("Key", m.key);
        f("Value", m.value);
        f("Remove", m.remove);
    }
};

}  // namespace protocol
