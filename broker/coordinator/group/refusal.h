// Why a request is not done, with a sentence for its client.
#pragma once

#include <string>

#include "protocol/error.h"

namespace broker::coordinator::group {

struct Refusal {
    protocol::ErrorCode error = protocol::ErrorCode::none;
    std::string message;
};

}  // namespace broker::coordinator::group
