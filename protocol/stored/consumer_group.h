// What __consumer_offsets holds of KIP-848 consumer groups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct ConsumerGroupMetadataKey {
    static constexpr int16_t record_type = 3;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;

    static void fields(auto& f, auto& m) { f("GroupId", m.group_id); }
};

struct ConsumerGroupMetadataValue {
    static constexpr int16_t record_type = 3;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t epoch = 0;
    int64_t metadata_hash = 0;

    static void fields(auto& f, auto& m) {
        f("Epoch", m.epoch);
        f.tagged(0, "MetadataHash", m.metadata_hash, always);
    }
};

struct ConsumerGroupPartitionMetadataKey {
    static constexpr int16_t record_type = 4;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;

    static void fields(auto& f, auto& m) { f("GroupId", m.group_id); }
};

struct ConsumerGroupPartitionMetadataValue {
    static constexpr int16_t record_type = 4;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TopicMetadata {
        struct PartitionMetadata {
            int32_t partition = 0;
            std::vector<std::string> racks;

            static void fields(auto& f, auto& m) {
                f("Partition", m.partition);
                f("Racks", m.racks);
            }
        };

        Uuid topic_id;
        std::string topic_name;
        int32_t num_partitions = 0;
        std::vector<PartitionMetadata> partition_metadata;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("TopicName", m.topic_name);
            f("NumPartitions", m.num_partitions);
            f("PartitionMetadata", m.partition_metadata);
        }
    };

    std::vector<TopicMetadata> topics;

    static void fields(auto& f, auto& m) { f("Topics", m.topics); }
};

struct ConsumerGroupMemberMetadataKey {
    static constexpr int16_t record_type = 5;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    std::string member_id;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
    }
};

struct ConsumerGroupMemberMetadataValue {
    static constexpr int16_t record_type = 5;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct ClassicMemberMetadata {
        struct ClassicProtocol {
            std::string name;
            Blob metadata;
            bool operator==(const ClassicProtocol&) const = default;

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
                f("Metadata", m.metadata);
            }
        };

        int32_t session_timeout_ms = 0;
        std::vector<ClassicProtocol> supported_protocols;
        bool operator==(const ClassicMemberMetadata&) const = default;

        static void fields(auto& f, auto& m) {
            f("SessionTimeoutMs", m.session_timeout_ms);
            f("SupportedProtocols", m.supported_protocols);
        }
    };

    std::optional<std::string> instance_id = std::string{};
    std::optional<std::string> rack_id = std::string{};
    std::string client_id;
    std::string client_host;
    std::vector<std::string> subscribed_topic_names;
    std::optional<std::string> subscribed_topic_regex = std::string{};
    int32_t rebalance_timeout_ms = -1;
    std::optional<std::string> server_assignor = std::string{};
    std::optional<ClassicMemberMetadata> classic_member_metadata = ClassicMemberMetadata{};

    static void fields(auto& f, auto& m) {
        f("InstanceId", m.instance_id);
        f("RackId", m.rack_id);
        f("ClientId", m.client_id);
        f("ClientHost", m.client_host);
        f("SubscribedTopicNames", m.subscribed_topic_names);
        f("SubscribedTopicRegex", m.subscribed_topic_regex);
        f("RebalanceTimeoutMs", m.rebalance_timeout_ms);
        f("ServerAssignor", m.server_assignor);
        f.tagged(0, "ClassicMemberMetadata", m.classic_member_metadata, always,
                 ClassicMemberMetadata{});
    }
};

struct ConsumerGroupTargetAssignmentMetadataKey {
    static constexpr int16_t record_type = 6;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;

    static void fields(auto& f, auto& m) { f("GroupId", m.group_id); }
};

struct ConsumerGroupTargetAssignmentMetadataValue {
    static constexpr int16_t record_type = 6;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t assignment_epoch = 0;
    int64_t assignment_timestamp = 0;

    static void fields(auto& f, auto& m) {
        f("AssignmentEpoch", m.assignment_epoch);
        f.tagged(0, "AssignmentTimestamp", m.assignment_timestamp, always);
    }
};

struct ConsumerGroupTargetAssignmentMemberKey {
    static constexpr int16_t record_type = 7;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    std::string member_id;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
    }
};

struct ConsumerGroupTargetAssignmentMemberValue {
    static constexpr int16_t record_type = 7;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TopicPartition {
        Uuid topic_id;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    std::vector<TopicPartition> topic_partitions;

    static void fields(auto& f, auto& m) { f("TopicPartitions", m.topic_partitions); }
};

struct ConsumerGroupCurrentMemberAssignmentKey {
    static constexpr int16_t record_type = 8;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    std::string member_id;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
    }
};

struct ConsumerGroupCurrentMemberAssignmentValue {
    static constexpr int16_t record_type = 8;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TopicPartitions {
        Uuid topic_id;
        std::vector<int32_t> partitions;
        std::optional<std::vector<int32_t>> assignment_epochs = std::vector<int32_t>{};

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
            f.tagged(0, "AssignmentEpochs", m.assignment_epochs, always, std::vector<int32_t>{});
        }
    };

    int32_t member_epoch = 0;
    int32_t previous_member_epoch = 0;
    int8_t state = 0;
    std::vector<TopicPartitions> assigned_partitions;
    std::vector<TopicPartitions> partitions_pending_revocation;

    static void fields(auto& f, auto& m) {
        f("MemberEpoch", m.member_epoch);
        f("PreviousMemberEpoch", m.previous_member_epoch);
        f("State", m.state);
        f("AssignedPartitions", m.assigned_partitions);
        f("PartitionsPendingRevocation", m.partitions_pending_revocation);
    }
};

struct ConsumerGroupRegularExpressionKey {
    static constexpr int16_t record_type = 16;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    std::string regular_expression;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("RegularExpression", m.regular_expression);
    }
};

struct ConsumerGroupRegularExpressionValue {
    static constexpr int16_t record_type = 16;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::vector<std::string> topics;
    int64_t version = 0;
    int64_t timestamp = 0;

    static void fields(auto& f, auto& m) {
        f("Topics", m.topics);
        f("Version", m.version);
        f("Timestamp", m.timestamp);
    }
};

}  // namespace protocol
