// What the metadata log says of itself (KIP-868 transactions, KIP-835 no-ops, KIP-866), and of the
// controllers that write it (KIP-919).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct NoOpRecord {
    static constexpr int16_t record_type = 20;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    static void fields(auto&, auto&) {}
};

struct BeginTransactionRecord {
    static constexpr int16_t record_type = 23;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::optional<std::string> name;

    static void fields(auto& f, auto& m) { f.tagged(0, "Name", m.name, always); }
};

struct EndTransactionRecord {
    static constexpr int16_t record_type = 24;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    static void fields(auto&, auto&) {}
};

struct AbortTransactionRecord {
    static constexpr int16_t record_type = 25;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::optional<std::string> reason;

    static void fields(auto& f, auto& m) { f.tagged(0, "Reason", m.reason, always); }
};

struct ZkMigrationStateRecord {
    static constexpr int16_t record_type = 21;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int8_t zk_migration_state = 0;

    static void fields(auto& f, auto& m) { f("ZkMigrationState", m.zk_migration_state); }
};

struct RegisterControllerRecord {
    static constexpr int16_t record_type = 27;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct ControllerEndpoint {
        std::string name;
        std::string host;
        uint16_t port = 0;
        int16_t security_protocol = 0;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Host", m.host);
            f("Port", m.port);
            f("SecurityProtocol", m.security_protocol);
        }
    };

    struct ControllerFeature {
        std::string name;
        int16_t min_supported_version = 0;
        int16_t max_supported_version = 0;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("MinSupportedVersion", m.min_supported_version);
            f("MaxSupportedVersion", m.max_supported_version);
        }
    };

    int32_t controller_id = 0;
    Uuid incarnation_id;
    bool zk_migration_ready = false;
    std::vector<ControllerEndpoint> end_points;
    std::vector<ControllerFeature> features;

    static void fields(auto& f, auto& m) {
        f("ControllerId", m.controller_id);
        f("IncarnationId", m.incarnation_id);
        f("ZkMigrationReady", m.zk_migration_ready);
        f("EndPoints", m.end_points);
        f("Features", m.features);
    }
};

struct UnregisterControllerRecord {
    static constexpr int16_t record_type = 29;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t controller_id = 0;

    static void fields(auto& f, auto& m) { f("ControllerId", m.controller_id); }
};

}  // namespace protocol
