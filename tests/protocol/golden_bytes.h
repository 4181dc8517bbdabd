// Golden bytes in tests: hexadecimal, split by field.
#pragma once

#include <doctest/doctest.h>

#include <string_view>

#include "tools/inspect/hex.h"

inline protocol::Blob hex(std::string_view digits) {
    auto bytes = inspect::from_hex(digits);
    REQUIRE(bytes);
    return *std::move(bytes);
}

namespace doctest {

template <>
struct StringMaker<protocol::Blob> {
    static String convert(const protocol::Blob& bytes) { return inspect::to_hex(bytes).c_str(); }
};

}  // namespace doctest
