// ShareGroupDescribe (API key 77): KIP-932.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ShareGroupDescribeRequest {
    static constexpr int16_t api_key = 77;
    static constexpr Versions valid = between(1, 1), flexible = since(0);

    std::vector<std::string_view> group_ids;
    bool include_authorized_operations = false;

    static void fields(auto& f, auto& m) {
        f("GroupIds", m.group_ids);
        f("IncludeAuthorizedOperations", m.include_authorized_operations);
    }
};

struct ShareGroupDescribeResponse {
    static constexpr int16_t api_key = 77;
    static constexpr Versions valid = between(1, 1), flexible = since(0);

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

    struct Assignment {
        std::vector<TopicPartitions> topic_partitions;

        static void fields(auto& f, auto& m) { f("TopicPartitions", m.topic_partitions); }
    };

    struct DescribedGroup {
        struct Member {
            std::string member_id;
            std::optional<std::string> rack_id;
            int32_t member_epoch = 0;
            std::string client_id;
            std::string client_host;
            std::vector<std::string> subscribed_topic_names;
            Assignment assignment;

            static void fields(auto& f, auto& m) {
                f("MemberId", m.member_id);
                f("RackId", m.rack_id);
                f("MemberEpoch", m.member_epoch);
                f("ClientId", m.client_id);
                f("ClientHost", m.client_host);
                f("SubscribedTopicNames", m.subscribed_topic_names);
                f("Assignment", m.assignment);
            }
        };

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
