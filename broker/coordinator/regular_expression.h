// Regular expressions in RE2's syntax, for patterns that come with requests (ListTransactions,
// KIP-1152): matching takes time linear in the text, and memory bounded by the pattern.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace broker::coordinator {

class RegularExpression {
  public:
    // The error is a sentence for the client. Not supported, and refused: back references and
    // look-around (which RE2 has not either), \C, and Unicode classes (\p{...}). Letters fold in
    // ASCII only.
    static std::expected<RegularExpression, std::string> parse(std::string_view pattern);

    // Whether the expression matches the whole text, which is UTF-8.
    bool matches(std::string_view text) const;

    // The places that each character of a text may lead to: matching takes up to as many steps.
    size_t size() const { return program_.size(); }

    // The program of a Thompson automaton; only the parser needs to see it.
    struct Range {
        char32_t first;
        char32_t last;
    };
    enum class Operation : uint8_t { character, split, jump, assertion, match };
    enum class Assertion : uint8_t {
        text_start,
        text_end,
        line_start,
        line_end,
        word_boundary,
        no_word_boundary,
    };
    struct Instruction {
        Operation operation;
        uint32_t next = 0;         // split: the first way; jump: the target
        uint32_t alternative = 0;  // split: the second way
        Assertion assertion = Assertion::text_start;
        std::vector<Range> ranges;  // character: which ones, sorted, with others between them
    };

  private:
    explicit RegularExpression(std::vector<Instruction> program) : program_(std::move(program)) {}

    std::vector<Instruction> program_;
};

}  // namespace broker::coordinator
