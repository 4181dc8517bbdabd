#include "broker/coordinator/regular_expression_parser.h"

#include <algorithm>
#include <array>
#include <utility>

namespace broker::coordinator::regular_expression {

namespace {

using Assertion = RegularExpression::Assertion;
using Range = RegularExpression::Range;
using Ranges = std::vector<Range>;

constexpr char32_t last_character = 0x10ffff;
constexpr int repetitions_max = 1'000;  // RE2's
constexpr int depth_max = 200;

struct Flags {
    bool folds_case = false;
    bool is_multi_line = false;
    bool dot_takes_newline = false;
};

Ranges digits() { return {{'0', '9'}}; }
Ranges words() { return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}; }
Ranges spaces() { return {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}}; }

struct PosixClass {
    std::string_view name;
    Ranges ranges;
};

const std::array<PosixClass, 14>& posix_classes() {
    static const std::array<PosixClass, 14> classes = {{
        {"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
        {"alpha", {{'A', 'Z'}, {'a', 'z'}}},
        {"ascii", {{0, 0x7f}}},
        {"blank", {{'\t', '\t'}, {' ', ' '}}},
        {"cntrl", {{0, 0x1f}, {0x7f, 0x7f}}},
        {"digit", digits()},
        {"graph", {{'!', '~'}}},
        {"lower", {{'a', 'z'}}},
        {"print", {{' ', '~'}}},
        {"punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
        {"space", {{'\t', '\r'}, {' ', ' '}}},
        {"upper", {{'A', 'Z'}}},
        {"word", words()},
        {"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}},
    }};
    return classes;
}

// The same characters in as few ranges as there can be, sorted.
Ranges merged(Ranges ranges) {
    std::ranges::sort(ranges, {}, &Range::first);
    Ranges few;
    for (const Range& range : ranges) {
        if (!few.empty() && range.first <= few.back().last + 1)
            few.back().last = std::max(few.back().last, range.last);
        else
            few.push_back(range);
    }
    return few;
}

// Requires: sorted.
Ranges negated(const Ranges& ranges) {
    Ranges others;
    char32_t next = 0;
    for (const Range& range : ranges) {
        if (range.first > next) others.push_back({next, range.first - 1});
        next = std::max<char32_t>(next, range.last + 1);
    }
    if (next <= last_character) others.push_back({next, last_character});
    return others;
}

void append(Ranges& ranges, const Ranges& more) {
    ranges.insert(ranges.end(), more.begin(), more.end());
}

// With the other case of the ASCII letters among them. Requires: sorted.
Ranges folded(Ranges ranges) {
    const size_t count = ranges.size();
    const auto add_shifted = [&](Range range, char32_t first, char32_t last, int shift) {
        const char32_t low = std::max(range.first, first), high = std::min(range.last, last);
        if (low <= high)
            ranges.push_back({static_cast<char32_t>(static_cast<int>(low) + shift),
                              static_cast<char32_t>(static_cast<int>(high) + shift)});
    };
    for (size_t i = 0; i < count; ++i) {
        add_shifted(ranges[i], 'A', 'Z', 'a' - 'A');
        add_shifted(ranges[i], 'a', 'z', 'A' - 'a');
    }
    return merged(std::move(ranges));
}

Node characters(Ranges ranges, const Flags& flags) {
    return {.kind = Node::Kind::characters,
            .ranges = flags.folds_case ? folded(std::move(ranges)) : std::move(ranges)};
}

Node assertion(Assertion kind) { return {.kind = Node::Kind::assertion, .assertion = kind}; }

std::optional<int> digit_of(char32_t c, int base) {
    int value = base;
    if (c >= '0' && c <= '9') value = static_cast<int>(c - '0');
    if (c >= 'a' && c <= 'f') value = static_cast<int>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') value = static_cast<int>(c - 'A') + 10;
    return value < base ? std::optional(value) : std::nullopt;
}

class Parser {
  public:
    explicit Parser(std::string_view pattern) : rest_(pattern) {}

    std::expected<Node, std::string> parse() {
        Node node = alternatives({});
        if (error_.empty() && !rest_.empty()) fail("there is a ) without its (");
        if (!error_.empty()) return std::unexpected(std::move(error_));
        return node;
    }

  private:
    bool take(std::string_view token) {
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(token.size());
        return true;
    }

    // The first error is kept, and ends the parsing.
    void fail(std::string error) {
        if (error_.empty()) error_ = std::move(error);
        rest_ = {};
    }

    Node alternatives(Flags flags) {
        if (++depth_ > depth_max) fail("groups are nested too deeply");
        Node node{.kind = Node::Kind::alternatives};
        do node.children.push_back(sequence(flags));
        while (take("|"));
        --depth_;
        return node;
    }

    // Takes the flags by reference: (?i) holds to the end of its group, over alternatives too.
    Node sequence(Flags& flags) {
        Node node{.kind = Node::Kind::sequence};
        while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
            if (take("\\Q")) {
                quoted(node, flags);
                continue;
            }
            auto next = atom(flags);
            if (next) node.children.push_back(repeated(std::move(*next)));
        }
        return node;
    }

    void quoted(Node& sequence, const Flags& flags) {
        while (!rest_.empty() && !take("\\E")) {
            const char32_t c = *take_character(rest_);
            sequence.children.push_back(characters({{c, c}}, flags));
        }
        // What follows \E repeats the last character before it.
        if (sequence.children.empty()) return;
        sequence.children.back() = repeated(std::move(sequence.children.back()));
    }

    Node repeated(Node node) {
        const std::string_view before = rest_;
        auto count = repetition();
        if (!count) {
            rest_ = error_.empty() ? before : std::string_view();
            return node;
        }
        take("?");  // lazy: the same texts match
        Node repeated{.kind = Node::Kind::repetition, .min = count->first, .max = count->second};
        repeated.children.push_back(std::move(node));
        const std::string_view after = rest_;
        if (!rest_.empty() && repetition()) fail("a repetition is repeated");
        if (error_.empty()) rest_ = after;
        return repeated;
    }

    std::optional<std::pair<int, std::optional<int>>> repetition() {
        if (take("*")) return std::pair{0, std::optional<int>{}};
        if (take("+")) return std::pair{1, std::optional<int>{}};
        if (take("?")) return std::pair{0, std::optional<int>{1}};
        if (!take("{")) return std::nullopt;
        const auto min = number();
        if (!min) return std::nullopt;  // then { stands for itself
        std::optional<int> max = min;
        if (take(",")) max = number();
        if (!take("}")) return std::nullopt;
        const int highest = max.value_or(*min);
        if (highest < *min || highest > repetitions_max) {
            fail("a repetition count is invalid");
            return std::nullopt;
        }
        return std::pair{*min, max};
    }

    std::optional<int> number() {
        std::optional<int> value;
        while (!rest_.empty() && digit_of(static_cast<unsigned char>(rest_.front()), 10)) {
            const int digit = rest_.front() - '0';
            value = std::min(value.value_or(0) * 10 + digit, repetitions_max + 1);
            rest_.remove_prefix(1);
        }
        return value;
    }

    std::optional<Node> atom(Flags& flags) {
        if (take("(")) return group(flags);
        if (take("[")) return characters(bracket(flags), {});
        if (take("."))
            return characters(flags.dot_takes_newline ? negated({}) : negated({{'\n', '\n'}}), {});
        if (take("^"))
            return assertion(flags.is_multi_line ? Assertion::line_start : Assertion::text_start);
        if (take("$"))
            return assertion(flags.is_multi_line ? Assertion::line_end : Assertion::text_end);
        if (take("\\A")) return assertion(Assertion::text_start);
        if (take("\\z")) return assertion(Assertion::text_end);
        if (take("\\b")) return assertion(Assertion::word_boundary);
        if (take("\\B")) return assertion(Assertion::no_word_boundary);
        if (const auto named = named_class()) return characters(*named, {});
        if (rest_.front() == '*' || rest_.front() == '+' || rest_.front() == '?') {
            fail("there is nothing to repeat");
            return std::nullopt;
        }
        const auto c = character();
        if (!c) return std::nullopt;
        return characters({{*c, *c}}, flags);
    }

    // Requires: its ( is taken. Nullopt: it only set flags.
    std::optional<Node> group(Flags& flags) {
        Flags inner = flags;
        if (take("?P<") || take("?<")) {
            const size_t end = rest_.find('>');
            const auto is_name = [](char c) { return is_word(static_cast<unsigned char>(c)); };
            if (end == 0 || end == std::string_view::npos ||
                !std::ranges::all_of(rest_.substr(0, end), is_name)) {
                fail("a group's name is invalid");
                return std::nullopt;
            }
            rest_.remove_prefix(end + 1);
        } else if (take("?")) {
            if (!read_flags(inner)) return std::nullopt;
            if (take(")")) {
                flags = inner;
                return std::nullopt;
            }
            if (!take(":")) {
                fail("a group begins with something unknown");
                return std::nullopt;
            }
        }
        Node node = alternatives(inner);
        if (!take(")")) fail("there is a ( without its )");
        return node;
    }

    static bool is_word(char32_t c) {
        return std::ranges::any_of(
            words(), [c](const Range& range) { return range.first <= c && c <= range.last; });
    }

    bool read_flags(Flags& flags) {
        bool value = true;
        for (;;) {
            if (take("i"))
                flags.folds_case = value;
            else if (take("m"))
                flags.is_multi_line = value;
            else if (take("s"))
                flags.dot_takes_newline = value;
            else if (take("U"))
                continue;  // which of several matches is preferred does not matter here
            else if (value && take("-"))
                value = false;
            else
                break;
        }
        if (!rest_.empty() && (rest_.front() == ':' || rest_.front() == ')')) return true;
        fail("a group begins with something unknown");
        return false;
    }

    // Requires: its [ is taken.
    Ranges bracket(const Flags& flags) {
        const bool is_negated = take("^");
        Ranges ranges;
        bool is_first = true;
        while (is_first || !take("]")) {
            is_first = false;
            if (rest_.empty()) {
                fail("there is a [ without its ]");
                return {};
            }
            if (const auto posix = posix_class()) {
                append(ranges, *posix);
            } else if (const auto named = named_class()) {
                append(ranges, *named);
            } else {
                const auto range = bracket_range();
                if (!range) return {};
                ranges.push_back(*range);
            }
        }
        ranges = merged(std::move(ranges));
        if (flags.folds_case) ranges = folded(std::move(ranges));
        return is_negated ? negated(ranges) : ranges;
    }

    std::optional<Range> bracket_range() {
        const auto first = character();
        if (!first) return std::nullopt;
        Range range{*first, *first};
        if (rest_.starts_with("-") && !rest_.starts_with("-]")) {
            rest_.remove_prefix(1);
            if (rest_.empty()) {
                fail("there is a [ without its ]");
                return std::nullopt;
            }
            const auto last = character();
            if (!last) return std::nullopt;
            range.last = *last;
        }
        if (range.last < range.first) {
            fail("a range of characters is backwards");
            return std::nullopt;
        }
        return range;
    }

    std::optional<Ranges> posix_class() {
        if (!rest_.starts_with("[:")) return std::nullopt;
        const size_t end = rest_.find(":]");
        if (end == std::string_view::npos) return std::nullopt;
        std::string_view name = rest_.substr(2, end - 2);
        const bool is_negated = name.starts_with('^');
        if (is_negated) name.remove_prefix(1);
        for (const PosixClass& known : posix_classes()) {
            if (known.name != name) continue;
            rest_.remove_prefix(end + 2);
            return is_negated ? negated(known.ranges) : known.ranges;
        }
        fail("a class of characters is unknown");
        return Ranges{};
    }

    std::optional<Ranges> named_class() {
        if (take("\\d")) return digits();
        if (take("\\D")) return negated(digits());
        if (take("\\w")) return words();
        if (take("\\W")) return negated(words());
        if (take("\\s")) return spaces();
        if (take("\\S")) return negated(spaces());
        return std::nullopt;
    }

    // One character, escaped or not. Requires: rest_ is not empty.
    std::optional<char32_t> character() {
        if (!take("\\")) return take_character(rest_);
        constexpr std::string_view letters = "afnrtv";
        constexpr std::string_view meanings = "\a\f\n\r\t\v";
        if (rest_.empty()) {
            fail("a \\ ends the pattern");
            return std::nullopt;
        }
        if (take("x")) return hexadecimal();
        if (is_octal()) return octal();
        if (const size_t i = letters.find(rest_.front()); i != std::string_view::npos) {
            rest_.remove_prefix(1);
            return static_cast<unsigned char>(meanings[i]);
        }
        const auto c = *take_character(rest_);
        if (c < 0x80 && (!is_word(c) || c == '_')) return c;  // punctuation stands for itself
        fail("an escape is unknown");
        return std::nullopt;
    }

    std::optional<char32_t> hexadecimal() {
        const bool is_braced = take("{");
        char32_t value = 0;
        size_t count = 0;
        while (!rest_.empty() && (is_braced || count < 2)) {
            const auto digit = digit_of(static_cast<unsigned char>(rest_.front()), 16);
            if (!digit) break;
            value = std::min(value * 16 + static_cast<char32_t>(*digit), last_character + 1);
            rest_.remove_prefix(1);
            ++count;
        }
        const bool is_complete = is_braced ? count > 0 && take("}") : count == 2;
        if (is_complete && value <= last_character) return value;
        fail("a \\x is invalid");
        return std::nullopt;
    }

    // One digit from 1 to 7 alone would be a back reference, which there is not.
    bool is_octal() const {
        const auto is_digit = [this](size_t i) {
            return i < rest_.size() && rest_[i] >= '0' && rest_[i] <= '7';
        };
        return rest_.starts_with('0') || (is_digit(0) && is_digit(1));
    }

    std::optional<char32_t> octal() {
        char32_t value = 0;
        for (int count = 0; count < 3 && !rest_.empty(); ++count) {
            const auto digit = digit_of(static_cast<unsigned char>(rest_.front()), 8);
            if (!digit) break;
            value = value * 8 + static_cast<char32_t>(*digit);
            rest_.remove_prefix(1);
        }
        return value;
    }

    std::string_view rest_;
    std::string error_;
    int depth_ = 0;
};

}  // namespace

std::expected<Node, std::string> parse(std::string_view pattern) { return Parser(pattern).parse(); }

std::optional<char32_t> take_character(std::string_view& text) {
    constexpr char32_t replacement = 0xfffd;
    if (text.empty()) return std::nullopt;
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    size_t size = 0;
    char32_t value = 0;
    if (lead < 0x80) {
        size = 1;
        value = lead;
    } else if (lead >= 0xc2 && lead < 0xe0) {
        size = 2;
        value = lead & 0x1fU;
    } else if (lead >= 0xe0 && lead < 0xf0) {
        size = 3;
        value = lead & 0x0fU;
    } else if (lead >= 0xf0 && lead < 0xf5) {
        size = 4;
        value = lead & 0x07U;
    }
    bool is_valid = size > 0 && size <= text.size();
    for (size_t i = 1; is_valid && i < size; ++i) {
        is_valid = (byte(i) & 0xc0U) == 0x80;
        value = value << 6 | (byte(i) & 0x3fU);
    }
    is_valid = is_valid && value <= last_character && !(size == 3 && value < 0x800) &&
               !(size == 4 && value < 0x10000);
    text.remove_prefix(is_valid ? size : 1);
    return is_valid ? value : replacement;
}

}  // namespace broker::coordinator::regular_expression
