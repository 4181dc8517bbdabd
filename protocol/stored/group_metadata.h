// A classic group in __consumer_offsets (record type 2): generation, leader, members.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct GroupMetadataKey {
    static constexpr int16_t record_type = 2;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group;

    static void fields(auto& f, auto& m) { f("group", m.group); }
};

struct GroupMetadataValue {
    static constexpr int16_t record_type = 2;
    static constexpr Versions valid = between(0, 4), flexible = since(4);

    struct MemberMetadata {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::string client_id;
        std::string client_host;
        int32_t rebalance_timeout = -1;
        int32_t session_timeout = 0;
        Blob subscription;
        Blob assignment;

        static void fields(auto& f, auto& m) {
            f("memberId", m.member_id);
            f("groupInstanceId", m.group_instance_id, since(3));
            f("clientId", m.client_id);
            f("clientHost", m.client_host);
            f("rebalanceTimeout", m.rebalance_timeout, since(1));
            f("sessionTimeout", m.session_timeout);
            f("subscription", m.subscription);
            f("assignment", m.assignment);
        }
    };

    std::string protocol_type;
    int32_t generation = 0;
    std::optional<std::string> protocol = std::string{};
    std::optional<std::string> leader = std::string{};
    int64_t current_state_timestamp = -1;
    std::vector<MemberMetadata> members;

    static void fields(auto& f, auto& m) {
        f("protocolType", m.protocol_type);
        f("generation", m.generation);
        f("protocol", m.protocol);
        f("leader", m.leader);
        f("currentStateTimestamp", m.current_state_timestamp, since(2));
        f("members", m.members);
    }
};

}  // namespace protocol
