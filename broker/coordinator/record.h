// A record of an internal topic, as a coordinator's state machine gives it and takes it back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/types.h"

namespace broker::coordinator {

struct Record {
    protocol::Blob key;                   // int16 record type + body
    std::optional<protocol::Blob> value;  // int16 version + body; nullopt: a tombstone
    bool operator==(const Record&) const = default;
};

struct TopicPartition {
    std::string topic;
    int32_t partition = 0;
    auto operator<=>(const TopicPartition&) const = default;
};

}  // namespace broker::coordinator
