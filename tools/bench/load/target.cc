#include "tools/bench/load/target.h"

#include <fmt/format.h>

#include <stdexcept>

namespace bench {

void require(protocol::ErrorCode error, std::string_view what) {
    if (error != protocol::ErrorCode::none)
        throw std::runtime_error(fmt::format("{}: error {}", what, static_cast<int>(error)));
}

}  // namespace bench
