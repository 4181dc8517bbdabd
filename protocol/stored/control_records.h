// Keys and values of control batches: transaction markers (KIP-98) and the metadata log
// (KIP-630, KIP-853).
#pragma once

#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct EndTxnMarker {
    static constexpr Versions valid = between(0, 0), flexible = never;

    int32_t coordinator_epoch = 0;

    static void fields(auto& f, auto& m) { f("CoordinatorEpoch", m.coordinator_epoch); }
};

struct ControlRecordTypeSchema {
    static constexpr Versions valid = between(0, 0), flexible = never;

    int16_t type = 0;

    static void fields(auto& f, auto& m) { f("Type", m.type); }
};

struct LeaderChangeMessage {
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct Voter {
        int32_t voter_id = 0;
        Uuid voter_directory_id;

        static void fields(auto& f, auto& m) {
            f("VoterId", m.voter_id);
            f("VoterDirectoryId", m.voter_directory_id, since(1));
        }
    };

    int16_t version = 0;
    int32_t leader_id = 0;
    std::vector<Voter> voters;
    std::vector<Voter> granting_voters;

    static void fields(auto& f, auto& m) {
        f("Version", m.version);
        f("LeaderId", m.leader_id);
        f("Voters", m.voters);
        f("GrantingVoters", m.granting_voters);
    }
};

struct SnapshotHeaderRecord {
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int16_t version = 0;
    int64_t last_contained_log_timestamp = 0;

    static void fields(auto& f, auto& m) {
        f("Version", m.version);
        f("LastContainedLogTimestamp", m.last_contained_log_timestamp);
    }
};

struct SnapshotFooterRecord {
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int16_t version = 0;

    static void fields(auto& f, auto& m) { f("Version", m.version); }
};

struct KRaftVersionRecord {
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int16_t version = 0;
    int16_t kraft_version = 0;

    static void fields(auto& f, auto& m) {
        f("Version", m.version);
        f("KRaftVersion", m.kraft_version);
    }
};

struct VotersRecord {
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct Voter {
        struct Endpoint {
            std::string name;
            std::string host;
            uint16_t port = 0;

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
                f("Host", m.host);
                f("Port", m.port);
            }
        };

        struct KRaftVersionFeature {
            int16_t min_supported_version = 0;
            int16_t max_supported_version = 0;

            static void fields(auto& f, auto& m) {
                f("MinSupportedVersion", m.min_supported_version);
                f("MaxSupportedVersion", m.max_supported_version);
            }
        };

        int32_t voter_id = 0;
        Uuid voter_directory_id;
        std::vector<Endpoint> endpoints;
        KRaftVersionFeature kraft_version_feature;

        static void fields(auto& f, auto& m) {
            f("VoterId", m.voter_id);
            f("VoterDirectoryId", m.voter_directory_id);
            f("Endpoints", m.endpoints);
            f("KRaftVersionFeature", m.kraft_version_feature);
        }
    };

    int16_t version = 0;
    std::vector<Voter> voters;

    static void fields(auto& f, auto& m) {
        f("Version", m.version);
        f("Voters", m.voters);
    }
};

}  // namespace protocol
