// Bytes as hexadecimal text, two lower-case digits each.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/types.h"

namespace inspect {

std::string to_hex(protocol::Bytes bytes);

// Nullopt: an odd length, or anything that is not a digit of either case.
std::optional<protocol::Blob> from_hex(std::string_view text);

}  // namespace inspect
