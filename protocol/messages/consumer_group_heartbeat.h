// ConsumerGroupHeartbeat (API key 68): KIP-848; regular expressions and member ids made by clients
// (KIP-1082) v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ConsumerGroupHeartbeatRequest {
    static constexpr int16_t api_key = 68;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct TopicPartitions {
        Uuid topic_id;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    std::string_view group_id;
    std::string_view member_id;
    int32_t member_epoch = 0;
    std::optional<std::string_view> instance_id;
    std::optional<std::string_view> rack_id;
    int32_t rebalance_timeout_ms = -1;
    std::optional<std::vector<std::string_view>> subscribed_topic_names;
    std::optional<std::string_view> subscribed_topic_regex;
    std::optional<std::string_view> server_assignor;
    std::optional<std::vector<TopicPartitions>> topic_partitions;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
        f("MemberEpoch", m.member_epoch);
        f("InstanceId", m.instance_id);
        f("RackId", m.rack_id);
        f("RebalanceTimeoutMs", m.rebalance_timeout_ms);
        f("SubscribedTopicNames", m.subscribed_topic_names);
        f("SubscribedTopicRegex", m.subscribed_topic_regex, since(1));
        f("ServerAssignor", m.server_assignor);
        f("TopicPartitions", m.topic_partitions);
    }
};

struct ConsumerGroupHeartbeatResponse {
    static constexpr int16_t api_key = 68;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct TopicPartitions {
        Uuid topic_id;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };
    struct GroupAssignment {
        std::vector<TopicPartitions> topic_partitions;

        static void fields(auto& f, auto& m) { f("TopicPartitions", m.topic_partitions); }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::optional<std::string> member_id;
    int32_t member_epoch = 0;
    int32_t heartbeat_interval_ms = 0;
    std::optional<GroupAssignment> assignment;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("MemberId", m.member_id);
        f("MemberEpoch", m.member_epoch);
        f("HeartbeatIntervalMs", m.heartbeat_interval_ms);
        f("Assignment", m.assignment);
    }
};

}  // namespace protocol
