#include "broker/coordinator/regular_expression.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "broker/coordinator/regular_expression_parser.h"

namespace broker::coordinator {

namespace {

using regular_expression::Node;
using Assertion = RegularExpression::Assertion;
using Instruction = RegularExpression::Instruction;
using Operation = RegularExpression::Operation;

constexpr size_t pattern_bytes_max = 4'096;
constexpr size_t instructions_max = 2'000;
constexpr size_t ranges_max = 20'000;  // of all instructions: repetitions copy classes
constexpr size_t steps_max = 100'000;  // nested repetitions of nothing emit nothing, but take time

class Compiler {
  public:
    // Nullopt: the program would be too large.
    std::optional<std::vector<Instruction>> compile(const Node& node) {
        emit(node);
        add({.operation = Operation::match});
        if (is_too_large_) return std::nullopt;
        return std::move(program_);
    }

  private:
    uint32_t here() const { return static_cast<uint32_t>(program_.size()); }

    uint32_t add(Instruction instruction) {
        range_count_ += instruction.ranges.size();
        is_too_large_ |= program_.size() >= instructions_max || range_count_ > ranges_max;
        if (!is_too_large_) program_.push_back(std::move(instruction));
        return here() - 1;
    }

    void emit(const Node& node) {
        is_too_large_ |= ++steps_ > steps_max;
        if (is_too_large_) return;
        switch (node.kind) {
            case Node::Kind::characters:
                add({.operation = Operation::character, .ranges = node.ranges});
                return;
            case Node::Kind::assertion:
                add({.operation = Operation::assertion, .assertion = node.assertion});
                return;
            case Node::Kind::sequence:
                for (const Node& child : node.children) emit(child);
                return;
            case Node::Kind::alternatives: return emit_alternatives(node);
            case Node::Kind::repetition: return emit_repetition(node);
        }
    }

    void emit_alternatives(const Node& node) {
        std::vector<uint32_t> ends;
        for (const Node& child : node.children) {
            if (&child == &node.children.back()) {
                emit(child);
                break;
            }
            const uint32_t split = add({.operation = Operation::split, .next = here() + 1});
            emit(child);
            ends.push_back(add({.operation = Operation::jump}));
            program_[split].alternative = here();
        }
        for (const uint32_t end : ends) program_[end].next = here();
    }

    void emit_repetition(const Node& node) {
        const Node& child = node.children.front();
        for (int i = 0; i < node.min && !is_too_large_; ++i) emit(child);
        if (!node.max) {
            const uint32_t split = add({.operation = Operation::split, .next = here() + 1});
            emit(child);
            add({.operation = Operation::jump, .next = split});
            program_[split].alternative = here();
            return;
        }
        std::vector<uint32_t> exits;
        for (int i = node.min; i < *node.max && !is_too_large_; ++i) {
            exits.push_back(add({.operation = Operation::split, .next = here() + 1}));
            emit(child);
        }
        for (const uint32_t exit : exits) program_[exit].alternative = here();
    }

    std::vector<Instruction> program_;
    size_t range_count_ = 0;
    size_t steps_ = 0;
    bool is_too_large_ = false;
};

bool is_word(std::optional<char32_t> c) {
    return c && ((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ||
                 *c == '_');
}

bool holds(Assertion assertion, std::optional<char32_t> before, std::optional<char32_t> after) {
    switch (assertion) {
        case Assertion::text_start: return !before;
        case Assertion::text_end: return !after;
        case Assertion::line_start: return !before || *before == '\n';
        case Assertion::line_end: return !after || *after == '\n';
        case Assertion::word_boundary: return is_word(before) != is_word(after);
        case Assertion::no_word_boundary: return is_word(before) == is_word(after);
    }
    return false;
}

bool contains(const std::vector<RegularExpression::Range>& ranges, char32_t c) {
    const auto next = std::ranges::upper_bound(ranges, c, {}, &RegularExpression::Range::first);
    return next != ranges.begin() && c <= std::prev(next)->last;
}

// The places in the program that the text so far has led to. All ways are followed at once.
class Places {
  public:
    explicit Places(const std::vector<Instruction>& program)
        : program_(&program), is_in_(program.size()) {}

    void clear() {
        for (const uint32_t place : places_) is_in_[place] = false;
        places_.clear();
    }

    void add(uint32_t first, std::optional<char32_t> before, std::optional<char32_t> after) {
        pending_.push_back(first);
        while (!pending_.empty()) {
            const uint32_t place = pending_.back();
            pending_.pop_back();
            if (is_in_[place]) continue;
            is_in_[place] = true;
            places_.push_back(place);
            const Instruction& instruction = (*program_)[place];
            if (instruction.operation == Operation::split)
                pending_.push_back(instruction.alternative);
            if (instruction.operation == Operation::split ||
                instruction.operation == Operation::jump)
                pending_.push_back(instruction.next);
            if (instruction.operation == Operation::assertion &&
                holds(instruction.assertion, before, after))
                pending_.push_back(place + 1);
        }
    }

    const std::vector<uint32_t>& all() const { return places_; }
    bool is_at_match() const { return is_in_.back(); }  // the last instruction

  private:
    const std::vector<Instruction>* program_;
    std::vector<uint32_t> places_;
    std::vector<uint32_t> pending_;
    std::vector<bool> is_in_;
};

}  // namespace

std::expected<RegularExpression, std::string> RegularExpression::parse(std::string_view pattern) {
    if (pattern.size() > pattern_bytes_max) return std::unexpected("the pattern is too long");
    auto node = regular_expression::parse(pattern);
    if (!node) return std::unexpected(std::move(node.error()));
    auto program = Compiler().compile(*node);
    if (!program) return std::unexpected("the pattern is too large");
    return RegularExpression(std::move(*program));
}

bool RegularExpression::matches(std::string_view text) const {
    Places now(program_);
    Places next(program_);
    std::optional<char32_t> before;
    std::optional<char32_t> after = regular_expression::take_character(text);
    now.add(0, before, after);
    while (after) {
        before = after;
        after = regular_expression::take_character(text);
        for (const uint32_t place : now.all()) {
            const Instruction& instruction = program_[place];
            if (instruction.operation == Operation::character &&
                contains(instruction.ranges, *before))
                next.add(place + 1, before, after);
        }
        std::swap(now, next);
        next.clear();
        if (now.all().empty()) return false;
    }
    return now.is_at_match();
}

}  // namespace broker::coordinator
