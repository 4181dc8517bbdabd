// The syntax of regular expressions: RE2's, without what regular_expression.h excludes.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator/regular_expression.h"

namespace broker::coordinator::regular_expression {

struct Node {
    enum class Kind : uint8_t { characters, assertion, sequence, alternatives, repetition };

    Kind kind = Kind::sequence;
    std::vector<RegularExpression::Range> ranges;  // characters; see Instruction
    RegularExpression::Assertion assertion = RegularExpression::Assertion::text_start;
    std::vector<Node> children;
    int min = 0;               // repetition
    std::optional<int> max{};  // nullopt: no end
};

// The error is a sentence that names what is wrong.
std::expected<Node, std::string> parse(std::string_view pattern);

// The next character of a UTF-8 text, which is cut by it; U+FFFD for each byte that is not UTF-8.
// Nullopt: the text has ended.
std::optional<char32_t> take_character(std::string_view& text);

}  // namespace broker::coordinator::regular_expression
