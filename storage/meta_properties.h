// meta.properties: which cluster, broker and log directory this is (KIP-78, KIP-858).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "protocol/types.h"

namespace storage {

inline constexpr std::string_view meta_properties_file = "meta.properties";

struct MetaProperties {
    std::string cluster_id;
    int32_t node_id = -1;
    protocol::Uuid directory_id;  // zero: none yet, as in directories from before KIP-858
    bool operator==(const MetaProperties&) const = default;
};

// Version 1, in the order in which Apache Kafka's own file has the keys.
std::string encode(const MetaProperties& properties);
// Errors: what is wrong with the text, in words.
std::expected<MetaProperties, std::string> decode_meta_properties(std::string_view text);

}  // namespace storage
