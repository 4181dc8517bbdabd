// What the replay of all records has in common whose key names a group, and one thing in it.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "broker/coordinator/group/record_codec.h"
#include "protocol/error.h"

namespace broker::coordinator::group {

// The group's id; nullopt: the record is of another kind of group.
using Replayed = std::expected<std::optional<std::string>, protocol::ErrorCode>;

// Calls apply(group, key, value), of a group that comes into being with its first record; or, for
// a tombstone, erase(groups, position, key) if there is such a group. Errors: corrupt_message.
template <class Key, class Value, class Groups>
Replayed replay_keyed(protocol::Reader& reader, std::optional<protocol::Bytes> value_bytes,
                      Groups& groups, auto apply, auto erase) {
    const auto key = protocol::decode<Key>(reader, 0);
    if (!key) return std::unexpected(protocol::ErrorCode::corrupt_message);
    if (!value_bytes) {
        const auto group = groups.find(key->group_id);
        if (group != groups.end()) erase(groups, group, *key);
        return key->group_id;
    }
    auto value = decode_value<Value>(*value_bytes);
    if (!value) return std::unexpected(protocol::ErrorCode::corrupt_message);
    apply(groups.try_emplace(key->group_id, key->group_id).first->second, *key, std::move(*value));
    return key->group_id;
}

}  // namespace broker::coordinator::group
