// Broker registrations in the metadata log (KIP-631, KIP-866, KIP-858).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct RegisterBrokerRecord {
    static constexpr int16_t record_type = 0;
    static constexpr Versions valid = between(0, 4), flexible = since(0);

    struct BrokerEndpoint {
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

    struct BrokerFeature {
        std::string name;
        int16_t min_supported_version = 0;
        int16_t max_supported_version = 0;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("MinSupportedVersion", m.min_supported_version);
            f("MaxSupportedVersion", m.max_supported_version);
        }
    };

    int32_t broker_id = 0;
    bool is_migrating_zk_broker = false;
    Uuid incarnation_id;
    int64_t broker_epoch = 0;
    std::vector<BrokerEndpoint> end_points;
    std::vector<BrokerFeature> features;
    std::optional<std::string> rack = std::string{};
    bool fenced = true;
    bool in_controlled_shutdown = false;
    std::vector<Uuid> log_dirs;
    std::optional<std::vector<Uuid>> cordoned_log_dirs;

    static void fields(auto& f, auto& m) {
        f("BrokerId", m.broker_id);
        f("IsMigratingZkBroker", m.is_migrating_zk_broker, since(2));
        f("IncarnationId", m.incarnation_id);
        f("BrokerEpoch", m.broker_epoch);
        f("EndPoints", m.end_points);
        f("Features", m.features);
        f("Rack", m.rack);
        f("Fenced", m.fenced);
        f("InControlledShutdown", m.in_controlled_shutdown, since(1));
        f.tagged(0, "LogDirs", m.log_dirs, since(3));
        f.tagged(1, "CordonedLogDirs", m.cordoned_log_dirs, since(4));
    }
};

struct BrokerRegistrationChangeRecord {
    static constexpr int16_t record_type = 17;
    static constexpr Versions valid = between(0, 3), flexible = since(0);

    int32_t broker_id = 0;
    int64_t broker_epoch = 0;
    int8_t fenced = 0;
    int8_t in_controlled_shutdown = 0;
    std::vector<Uuid> log_dirs;
    std::optional<std::vector<Uuid>> cordoned_log_dirs;

    static void fields(auto& f, auto& m) {
        f("BrokerId", m.broker_id);
        f("BrokerEpoch", m.broker_epoch);
        f.tagged(0, "Fenced", m.fenced, always);
        f.tagged(1, "InControlledShutdown", m.in_controlled_shutdown, since(1));
        f.tagged(2, "LogDirs", m.log_dirs, since(2));
        f.tagged(3, "CordonedLogDirs", m.cordoned_log_dirs, since(3));
    }
};

struct UnregisterBrokerRecord {
    static constexpr int16_t record_type = 1;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t broker_id = 0;
    int64_t broker_epoch = 0;

    static void fields(auto& f, auto& m) {
        f("BrokerId", m.broker_id);
        f("BrokerEpoch", m.broker_epoch);
    }
};

// Up to metadata.version 3.1; BrokerRegistrationChangeRecord since.
struct FenceBrokerRecord {
    static constexpr int16_t record_type = 7;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t id = 0;
    int64_t epoch = 0;

    static void fields(auto& f, auto& m) {
        f("Id", m.id);
        f("Epoch", m.epoch);
    }
};

struct UnfenceBrokerRecord {
    static constexpr int16_t record_type = 8;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t id = 0;
    int64_t epoch = 0;

    static void fields(auto& f, auto& m) {
        f("Id", m.id);
        f("Epoch", m.epoch);
    }
};

}  // namespace protocol
