// Regular expressions in RE2's syntax, matched against whole texts.
#include "broker/coordinator/regular_expression.h"

#include <doctest/doctest.h>

#include <string>

namespace broker::coordinator {

namespace {

bool matches(std::string_view pattern, std::string_view text) {
    const auto expression = RegularExpression::parse(pattern);
    REQUIRE_MESSAGE(expression, std::string(pattern));
    return expression->matches(text);
}

}  // namespace

TEST_CASE("literals, classes, repetitions and alternatives match the whole text") {
    CHECK(matches("abc", "abc"));
    CHECK_FALSE(matches("abc", "abcd"));
    CHECK_FALSE(matches("bc", "abc"));
    CHECK(matches("", ""));
    CHECK(matches("a|bc|", "bc"));
    CHECK(matches("a|bc|", ""));
    CHECK(matches("(ab)*c?", "ababab"));
    CHECK_FALSE(matches("(ab)+", ""));
    CHECK(matches("a{2,3}", "aaa"));
    CHECK_FALSE(matches("a{2,3}", "aaaa"));
    CHECK(matches("a{2}", "aa"));
    CHECK(matches("a{2,}", "aaaaa"));
    CHECK(matches("a{,2}", "a{,2}"));  // not a repetition in RE2
    CHECK(matches("(?:x|y)+?z", "xyxz"));
    CHECK(matches("(?P<name>x)(?<other>y)", "xy"));
    CHECK(matches("app-[0-9]+\\.[^a-c]", "app-17.d"));
    CHECK_FALSE(matches("[^a-c]", "b"));
    CHECK(matches("[]a-]+", "]-a"));
    CHECK(matches("[[:alpha:]_]+[[:^digit:]]", "ab_x"));
    CHECK(matches("\\w+\\s\\d\\D\\W\\S", "a_9 1x-y"));
    CHECK(matches("\\Qa.b\\E+", "a.bb"));
    CHECK(matches("\\x41\\x{1F600}\\101", "A\xF0\x9F\x98\x80" "A"));
    CHECK(matches("\\x41\\x{1F600}\\012", "A\xF0\x9F\x98\x80\n"));
}

TEST_CASE("a dot is one character, not one byte, and no newline unless it is told so") {
    CHECK(matches("a.c", "a\xC3\xBC" "c"));
    CHECK_FALSE(matches("a.c", "a\nc"));
    CHECK(matches("(?s)a.c", "a\nc"));
    CHECK(matches(".", "\xff"));
}

TEST_CASE("anchors and word boundaries hold where they should") {
    CHECK(matches("^ab$", "ab"));
    CHECK(matches("\\Aab\\z", "ab"));
    CHECK_FALSE(matches("a^b", "ab"));
    CHECK(matches("(?m)a$\\n^b", "a\nb"));
    CHECK(matches("a\\b.\\bc", "a c"));
    CHECK(matches("a\\Bb", "ab"));
    CHECK_FALSE(matches("a\\bb", "ab"));
}

TEST_CASE("case is ignored from (?i) to the end of its group") {
    CHECK(matches("(?i)aBc", "AbC"));
    CHECK(matches("(?i)a|b", "B"));
    CHECK(matches("a(?i:b)c", "aBc"));
    CHECK_FALSE(matches("a(?i:b)c", "aBC"));
    CHECK(matches("(?i)[a-c]+(?-i)d", "ABCd"));
    CHECK_FALSE(matches("(?i)[^a]", "A"));
}

TEST_CASE("what RE2 refuses, and what is not supported, is refused") {
    for (const std::string_view invalid :
         {"(",       ")",      "a)",      "(a",         "[a",          "[b-a]", "*a",
          "a**",     "a{3,2}", "a{1001}", "\\",         "\\1",         "(?=a)", "(?<!a)",
          "(?P<>a)", "\\p{L}", "\\y",     "[[:nope:]]", "\\x{110000}", "(?z)",  "a|*"}) {
        CAPTURE(invalid);
        CHECK_FALSE(RegularExpression::parse(invalid));
    }
}

TEST_CASE("a class that says the same again and again is as small as one that says it once") {
    const std::string often(4'000, 'a');
    CHECK(RegularExpression::parse("[" + often + "]{100}"));
    CHECK(RegularExpression::parse("(?i)[" + often + "]{100}"));
    CHECK(matches("[c-ea-bb-d]+", "abcde"));
    CHECK_FALSE(matches("[c-ea-bb-d]", "f"));
    CHECK(matches("(?i)[X-Zd-xA]+", "aAdDxXyZz"));
    CHECK_FALSE(matches("(?i)[X-Zd-xA]", "B"));
    CHECK(matches("[^zxy0-9]+", "abc-"));
    CHECK_FALSE(matches("[^zxy0-9]", "x"));
}

TEST_CASE("no pattern makes the broker slow or large") {
    CHECK_FALSE(RegularExpression::parse("((a{1000}){1000}){1000}"));
    CHECK_FALSE(RegularExpression::parse("((){1000}){1000}"));
    // Each copy of a class has its ranges.
    std::string every_second;
    for (int c = 0x100; c < 0x100 + 800; c += 2)
        every_second += {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 0x3f))};
    CHECK(RegularExpression::parse("[" + every_second + "]{10}"));
    CHECK_FALSE(RegularExpression::parse("[" + every_second + "]{100}"));
    CHECK_FALSE(RegularExpression::parse(std::string(100'000, '(')));
    CHECK_FALSE(RegularExpression::parse(std::string(300, '(') + std::string(300, ')')));
    // Exponential for a backtracking matcher.
    CHECK_FALSE(matches("(a*)*(a|aa)+b", std::string(20'000, 'a')));
    CHECK(matches("(x+x+)+y", std::string(20'000, 'x') + "y"));
}

}  // namespace broker::coordinator
