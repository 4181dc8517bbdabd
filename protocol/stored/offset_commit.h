// A committed offset in __consumer_offsets (record type 1): KIP-320 leader epochs, KIP-211 expiry.
#pragma once

#include <string>

#include "protocol/types.h"

namespace protocol {

struct OffsetCommitKey {
    static constexpr int16_t record_type = 1;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group;
    std::string topic;
    int32_t partition = 0;

    static void fields(auto& f, auto& m) {
        f("group", m.group);
        f("topic", m.topic);
        f("partition", m.partition);
    }
};

struct OffsetCommitValue {
    static constexpr int16_t record_type = 1;
    static constexpr Versions valid = between(0, 4), flexible = since(4);

    int64_t offset = 0;
    int32_t leader_epoch = -1;
    std::string metadata;
    int64_t commit_timestamp = 0;
    int64_t expire_timestamp = -1;
    Uuid topic_id;

    static void fields(auto& f, auto& m) {
        f("offset", m.offset);
        f("leaderEpoch", m.leader_epoch, since(3));
        f("metadata", m.metadata);
        f("commitTimestamp", m.commit_timestamp);
        f("expireTimestamp", m.expire_timestamp, between(1, 1));
        f.tagged(0, "topicId", m.topic_id, since(4));
    }
};

}  // namespace protocol
