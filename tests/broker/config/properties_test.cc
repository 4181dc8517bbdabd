#include "broker/config/properties.h"

#include <doctest/doctest.h>

using broker::config::parse_properties;
using broker::config::Values;

TEST_CASE("keys and values are separated by an equals sign, a colon or blanks") {
    CHECK(parse_properties("a=1\nb:2\nc 3\nd = 4\n  e\t:\t5\nf") ==
          Values{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}, {"e", "5"}, {"f", ""}});
}

TEST_CASE("comments and empty lines say nothing") {
    CHECK(parse_properties("# a=1\n! b=2\n\n   # c=3\nd=4#5\n") == Values{{"d", "4#5"}});
}

TEST_CASE("a backslash at the end joins the next line without its leading blanks") {
    CHECK(parse_properties("a=1,\\\n    2,\\\r\n\t3\nb=4") == Values{{"a", "1,2,3"}, {"b", "4"}});
}

TEST_CASE("an escaped backslash at the end of a line does not continue it") {
    CHECK(parse_properties("a=c:\\\\\nb=2") == Values{{"a", "c:\\"}, {"b", "2"}});
}

TEST_CASE("escapes stand for separators, control characters and Unicode") {
    CHECK(parse_properties("a\\=b\\:c\\ d=x\\ty\nu=\\u00e9\\u20ac") ==
          Values{{"a=b:c d", "x\ty"}, {"u", "é€"}});
}

TEST_CASE("a Unicode escape that is cut short is refused with its line") {
    const auto values = parse_properties("a=1\nb=\\u12");
    REQUIRE_FALSE(values);
    CHECK(values.error().message.starts_with("line 2: "));
}

TEST_CASE("a later line wins over an earlier one") {
    CHECK(parse_properties("a=1\na=2") == Values{{"a", "2"}});
}

TEST_CASE("blanks at the end of a value belong to it") {
    CHECK(parse_properties("a=1 \n") == Values{{"a", "1 "}});
}

TEST_CASE("a text that ends in a continuation is the line without it") {
    CHECK(parse_properties("a=1\\") == Values{{"a", "1"}});
}
