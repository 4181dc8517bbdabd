// Why a change to the metadata is refused: the code and the words that the client is told.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "protocol/error.h"

namespace broker::metadata {

using protocol::ErrorCode;

struct ApiError {
    ErrorCode code = ErrorCode::none;
    std::string message;  // empty: the code says it all
};

inline std::unexpected<ApiError> refuse(ErrorCode code, std::string message) {
    return std::unexpected(ApiError{code, std::move(message)});
}

}  // namespace broker::metadata
