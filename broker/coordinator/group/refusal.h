// Why a request is not done, with a sentence for its client.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "protocol/error.h"

namespace broker::coordinator::group {

struct Refusal {
    protocol::ErrorCode error = protocol::ErrorCode::none;
    std::string message;
};

inline std::unexpected<Refusal> refuse(protocol::ErrorCode error, std::string message = {}) {
    return std::unexpected(Refusal{error, std::move(message)});
}

}  // namespace broker::coordinator::group
