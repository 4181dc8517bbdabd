// The table of Kafka's APIs as of 4.4: keys, names, and the versions of each.
#pragma once

#include <array>
#include <string_view>

#include "protocol/types.h"

namespace protocol {

struct Listeners {
    bool broker = false;
    bool controller = false;
};

struct Api {
    int16_t key;
    std::string_view name;
    // The versions that a schema exists for, and those of them with compact lengths and tags.
    Versions valid;
    Versions flexible;
    // What a broker with default settings lists in its ApiVersions answer; `never` when it does
    // not. Telemetry Kafka lists with a plugin that takes it.
    Versions advertised;
    Listeners listeners;
    // Valid, but refused unless unstable versions are enabled.
    Versions unstable = never;

    // Whether a broker reads such a request. Not the same as advertised: Produce v0 is listed for
    // librdkafka's sake (KAFKA-18659) and refused.
    constexpr bool is_served(int16_t version) const {
        return listeners.broker && valid.contains(version) && !unstable.contains(version);
    }
    constexpr int16_t request_header_version(int16_t version) const {
        return flexible.contains(version) ? 2 : 1;
    }
    // ApiVersions is answered with v0 always, so that a client can read the answer before it
    // knows the broker's versions (KIP-511).
    constexpr int16_t response_header_version(int16_t version) const {
        return key != api_versions_key && flexible.contains(version) ? 1 : 0;
    }

    static constexpr int16_t api_versions_key = 18;
};

namespace detail {

inline constexpr Listeners nowhere{};  // removed in 4.0, the keys stay taken
inline constexpr Listeners broker_only{.broker = true};
inline constexpr Listeners controller_only{.controller = true};
inline constexpr Listeners everywhere{.broker = true, .controller = true};

}  // namespace detail

// Every key, in order: apis[key].key == key.
inline constexpr std::array<Api, 95> apis{{
    // key, name, valid, flexible, advertised by a broker, listeners, unstable
    {0, "Produce", between(3, 13), since(9), between(0, 13), detail::broker_only},
    {1, "Fetch", between(4, 18), since(12), between(4, 18), detail::everywhere},
    {2, "ListOffsets", between(1, 11), since(6), between(1, 11), detail::broker_only},
    {3, "Metadata", between(0, 13), since(9), between(0, 13), detail::broker_only},
    {4, "LeaderAndIsr", never, never, never, detail::nowhere},
    {5, "StopReplica", never, never, never, detail::nowhere},
    {6, "UpdateMetadata", never, never, never, detail::nowhere},
    {7, "ControlledShutdown", never, never, never, detail::nowhere},
    {8, "OffsetCommit", between(2, 10), since(8), between(2, 10), detail::broker_only},
    {9, "OffsetFetch", between(1, 10), since(6), between(1, 10), detail::broker_only},
    {10, "FindCoordinator", between(0, 6), since(3), between(0, 6), detail::broker_only},
    {11, "JoinGroup", between(0, 9), since(6), between(0, 9), detail::broker_only},
    {12, "Heartbeat", between(0, 4), since(4), between(0, 4), detail::broker_only},
    {13, "LeaveGroup", between(0, 5), since(4), between(0, 5), detail::broker_only},
    {14, "SyncGroup", between(0, 5), since(4), between(0, 5), detail::broker_only},
    {15, "DescribeGroups", between(0, 6), since(5), between(0, 6), detail::broker_only},
    {16, "ListGroups", between(0, 5), since(3), between(0, 5), detail::broker_only},
    {17, "SaslHandshake", between(0, 1), never, between(0, 1), detail::everywhere},
    {18, "ApiVersions", between(0, 5), since(3), between(0, 5), detail::everywhere},
    {19, "CreateTopics", between(2, 7), since(5), between(2, 7), detail::everywhere},
    {20, "DeleteTopics", between(1, 6), since(4), between(1, 6), detail::everywhere},
    {21, "DeleteRecords", between(0, 2), since(2), between(0, 2), detail::broker_only},
    {22, "InitProducerId", between(0, 6), since(2), between(0, 5), detail::broker_only, since(6)},
    {23, "OffsetForLeaderEpoch", between(2, 4), since(4), between(2, 4), detail::broker_only},
    {24, "AddPartitionsToTxn", between(0, 5), since(3), between(0, 5), detail::broker_only},
    {25, "AddOffsetsToTxn", between(0, 4), since(3), between(0, 4), detail::broker_only},
    {26, "EndTxn", between(0, 5), since(3), between(0, 5), detail::broker_only},
    {27, "WriteTxnMarkers", between(1, 2), since(1), between(1, 2), detail::broker_only},
    {28, "TxnOffsetCommit", between(0, 6), since(3), between(0, 6), detail::broker_only},
    {29, "DescribeAcls", between(1, 3), since(2), between(1, 3), detail::everywhere},
    {30, "CreateAcls", between(1, 3), since(2), between(1, 3), detail::everywhere},
    {31, "DeleteAcls", between(1, 3), since(2), between(1, 3), detail::everywhere},
    {32, "DescribeConfigs", between(1, 4), since(4), between(1, 4), detail::everywhere},
    {33, "AlterConfigs", between(0, 2), since(2), between(0, 2), detail::everywhere},
    {34, "AlterReplicaLogDirs", between(1, 2), since(2), between(1, 2), detail::broker_only},
    {35, "DescribeLogDirs", between(1, 5), since(2), between(1, 5), detail::broker_only},
    {36, "SaslAuthenticate", between(0, 2), since(2), between(0, 2), detail::everywhere},
    {37, "CreatePartitions", between(0, 3), since(2), between(0, 3), detail::everywhere},
    {38, "CreateDelegationToken", between(1, 3), since(2), between(1, 3), detail::everywhere},
    {39, "RenewDelegationToken", between(1, 2), since(2), between(1, 2), detail::everywhere},
    {40, "ExpireDelegationToken", between(1, 2), since(2), between(1, 2), detail::everywhere},
    {41, "DescribeDelegationToken", between(1, 3), since(2), between(1, 3), detail::everywhere},
    {42, "DeleteGroups", between(0, 3), since(2), between(0, 3), detail::broker_only},
    {43, "ElectLeaders", between(0, 2), since(2), between(0, 2), detail::everywhere},
    {44, "IncrementalAlterConfigs", between(0, 1), since(1), between(0, 1), detail::everywhere},
    {45, "AlterPartitionReassignments", between(0, 1), since(0), between(0, 1), detail::everywhere},
    {46, "ListPartitionReassignments", between(0, 0), since(0), between(0, 0), detail::everywhere},
    {47, "OffsetDelete", between(0, 0), never, between(0, 0), detail::broker_only},
    {48, "DescribeClientQuotas", between(0, 1), since(1), between(0, 1), detail::broker_only},
    {49, "AlterClientQuotas", between(0, 1), since(1), between(0, 1), detail::everywhere},
    {50, "DescribeUserScramCredentials", between(0, 0), since(0), between(0, 0),
     detail::everywhere},
    {51, "AlterUserScramCredentials", between(0, 0), since(0), between(0, 0), detail::everywhere},
    {52, "Vote", between(0, 2), since(0), never, detail::controller_only},
    {53, "BeginQuorumEpoch", between(0, 1), since(1), never, detail::controller_only},
    {54, "EndQuorumEpoch", between(0, 1), since(1), never, detail::controller_only},
    {55, "DescribeQuorum", between(0, 2), since(0), between(0, 2), detail::everywhere},
    {56, "AlterPartition", between(2, 3), since(0), never, detail::controller_only},
    {57, "UpdateFeatures", between(0, 2), since(0), between(0, 2), detail::everywhere},
    {58, "Envelope", between(0, 0), since(0), never, detail::controller_only},
    {59, "FetchSnapshot", between(0, 1), since(0), never, detail::controller_only},
    {60, "DescribeCluster", between(0, 2), since(0), between(0, 2), detail::everywhere},
    {61, "DescribeProducers", between(0, 0), since(0), between(0, 0), detail::broker_only},
    {62, "BrokerRegistration", between(0, 4), since(0), never, detail::controller_only},
    {63, "BrokerHeartbeat", between(0, 2), since(0), never, detail::controller_only},
    {64, "UnregisterBroker", between(0, 0), since(0), between(0, 0), detail::everywhere},
    {65, "DescribeTransactions", between(0, 0), since(0), between(0, 0), detail::broker_only},
    {66, "ListTransactions", between(0, 2), since(0), between(0, 2), detail::broker_only},
    {67, "AllocateProducerIds", between(0, 0), since(0), never, detail::controller_only},
    {68, "ConsumerGroupHeartbeat", between(0, 1), since(0), between(0, 1), detail::broker_only},
    {69, "ConsumerGroupDescribe", between(0, 1), since(0), between(0, 1), detail::broker_only},
    {70, "ControllerRegistration", between(0, 0), since(0), never, detail::controller_only},
    {71, "GetTelemetrySubscriptions", between(0, 0), since(0), between(0, 0), detail::broker_only},
    {72, "PushTelemetry", between(0, 0), since(0), between(0, 0), detail::broker_only},
    {73, "AssignReplicasToDirs", between(0, 0), since(0), never, detail::controller_only},
    {74, "ListConfigResources", between(0, 1), since(0), between(0, 1), detail::broker_only},
    {75, "DescribeTopicPartitions", between(0, 0), since(0), between(0, 0), detail::broker_only},
    {76, "ShareGroupHeartbeat", between(1, 1), since(0), between(1, 1), detail::broker_only},
    {77, "ShareGroupDescribe", between(1, 1), since(0), between(1, 1), detail::broker_only},
    {78, "ShareFetch", between(1, 2), since(0), between(1, 2), detail::broker_only},
    {79, "ShareAcknowledge", between(1, 2), since(0), between(1, 2), detail::broker_only},
    {80, "AddRaftVoter", between(0, 1), since(0), between(0, 1), detail::everywhere},
    {81, "RemoveRaftVoter", between(0, 0), since(0), between(0, 0), detail::everywhere},
    {82, "UpdateRaftVoter", between(0, 0), since(0), never, detail::controller_only},
    {83, "InitializeShareGroupState", between(0, 0), since(0), between(0, 0), detail::broker_only},
    {84, "ReadShareGroupState", between(0, 0), since(0), between(0, 0), detail::broker_only},
    {85, "WriteShareGroupState", between(0, 1), since(0), between(0, 1), detail::broker_only},
    {86, "DeleteShareGroupState", between(0, 0), since(0), between(0, 0), detail::broker_only},
    {87, "ReadShareGroupStateSummary", between(0, 1), since(0), between(0, 1), detail::broker_only},
    {88, "StreamsGroupHeartbeat", between(0, 1), since(0), between(0, 1), detail::broker_only},
    {89, "StreamsGroupDescribe", between(0, 1), since(0), between(0, 1), detail::broker_only},
    {90, "DescribeShareGroupOffsets", between(0, 1), since(0), between(0, 1), detail::broker_only},
    {91, "AlterShareGroupOffsets", between(0, 0), since(0), between(0, 0), detail::broker_only},
    {92, "DeleteShareGroupOffsets", between(0, 0), since(0), between(0, 0), detail::broker_only},
    {93, "StreamsGroupTopologyDescriptionUpdate", between(0, 0), since(0), between(0, 0),
     detail::broker_only},
    {94, "UnregisterController", between(0, 0), since(0), between(0, 0), detail::everywhere},
}};

// Nullptr: Kafka has no such key.
constexpr const Api* find_api(int16_t key) {
    return key < 0 || static_cast<size_t>(key) >= apis.size() ? nullptr : &apis[key];
}

}  // namespace protocol
