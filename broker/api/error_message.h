// The words beside an error code in an answer.
#pragma once

#include <optional>
#include <string>

#include "broker/metadata/api_error.h"

namespace broker::api {

// Null where the code says it all.
inline std::optional<std::string> message_of(const metadata::ApiError& error) {
    if (error.message.empty()) return std::nullopt;
    return error.message;
}

}  // namespace broker::api
