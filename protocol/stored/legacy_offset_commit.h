// A committed offset as brokers before 0.9 keyed it in __consumer_offsets (record type 0); read
// only.
#pragma once

#include <string>

#include "protocol/types.h"

namespace protocol {

struct LegacyOffsetCommitKey {
    static constexpr int16_t record_type = 0;
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

struct LegacyOffsetCommitValue {
    static constexpr int16_t record_type = 0;
    static constexpr Versions valid = between(0, 0), flexible = never;

    int64_t offset = 0;
    std::string metadata;
    int64_t commit_timestamp = 0;

    static void fields(auto& f, auto& m) {
        f("offset", m.offset);
        f("metadata", m.metadata);
        f("commitTimestamp", m.commit_timestamp);
    }
};

}  // namespace protocol
