// Uuids as Kafka writes them in text: url-safe base64 without padding, 22 characters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/types.h"

namespace protocol {

std::string to_string(const Uuid& uuid);
// Nullopt: not the text of 16 bytes.
std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace protocol
