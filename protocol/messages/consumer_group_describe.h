// ConsumerGroupDescribe (API key 69): KIP-848; KIP-1099 member types v1.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ConsumerGroupDescribeRequest {
    static constexpr int16_t api_key = 69;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    std::vector<std::string_view> group_ids;
    bool include_authorized_operations = false;

    static void fields(auto& f, auto& m) {
        f("GroupIds", m.group_ids);
        f("IncludeAuthorizedOperations", m.include_authorized_operations);
    }
};

struct ConsumerGroupDescribeResponse {
    static constexpr int16_t api_key = 69;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct TopicPartitions {
        Uuid topic_id;
        std::string topic_name;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("TopicName", m.topic_name);
            f("Partitions", m.partitions);
        }
    };
    struct MemberAssignment {
        std::vector<TopicPartitions> topic_partitions;

        static void fields(auto& f, auto& m) { f("TopicPartitions", m.topic_partitions); }
    };
    struct Member {
        std::string member_id;
        std::optional<std::string> instance_id;
        std::optional<std::string> rack_id;
        int32_t member_epoch = 0;
        std::string client_id;
        std::string client_host;
        std::vector<std::string> subscribed_topic_names;
        std::optional<std::string> subscribed_topic_regex;
        MemberAssignment assignment;
        MemberAssignment target_assignment;
        int8_t member_type = -1;  // 0: speaks the classic protocol, 1: that of consumer groups

        static void fields(auto& f, auto& m) {
            f("MemberId", m.member_id);
            f("InstanceId", m.instance_id);
            f("RackId", m.rack_id);
            f("MemberEpoch", m.member_epoch);
            f("ClientId", m.client_id);
            f("ClientHost", m.client_host);
            f("SubscribedTopicNames", m.subscribed_topic_names);
            f("SubscribedTopicRegex", m.subscribed_topic_regex);
            f("Assignment", m.assignment);
            f("TargetAssignment", m.target_assignment);
            f("MemberType", m.member_type, since(1));
        }
    };
    struct DescribedGroup {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::string group_id;
        std::string group_state;
        int32_t group_epoch = 0;
        int32_t assignment_epoch = 0;
        std::string assignor_name;
        std::vector<Member> members;
        int32_t authorized_operations = std::numeric_limits<int32_t>::min();

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
            f("GroupId", m.group_id);
            f("GroupState", m.group_state);
            f("GroupEpoch", m.group_epoch);
            f("AssignmentEpoch", m.assignment_epoch);
            f("AssignorName", m.assignor_name);
            f("Members", m.members);
            f("AuthorizedOperations", m.authorized_operations);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Groups", m.groups);
    }
};

}  // namespace protocol
