// Which partition coordinates a key: the same as in Apache Kafka, else a directory that moves
// between the two would lose its groups and transactions.
#include "broker/coordinator/coordinator_partition.h"

#include <doctest/doctest.h>

using broker::coordinator::coordinator_partition;

TEST_CASE("a key's partition is the absolute value of its Java hash code, modulo the count") {
    CHECK(coordinator_partition("", 50) == 0);
    CHECK(coordinator_partition("a", 50) == 47);           // 97
    CHECK(coordinator_partition("group", 50) == 47);       // 98629247
    CHECK(coordinator_partition("test-group", 50) == 12);  // 627841412
    CHECK(coordinator_partition("console-consumer-12345", 50) == 6);
    CHECK(coordinator_partition("group", 7) == 3);
    CHECK(coordinator_partition("group", 1) == 0);
    CHECK(coordinator_partition("fenced", 50) == 43);   // -1278142893
    CHECK(coordinator_partition("fenced", 4) == 1);     // 3 if only the sign bit were dropped
    CHECK(coordinator_partition("passing-1", 4) == 3);  // -941118571
}

TEST_CASE("the hash code that has no positive counterpart is partition 0") {
    CHECK(coordinator_partition("polygenelubricants", 50) == 0);  // -2^31
}

TEST_CASE("the hash code is over UTF-16, not over the bytes") {
    CHECK(coordinator_partition("gr\xc3\xbcppe", 50) == 12);     // ü: one unit
    CHECK(coordinator_partition("\xe2\x82\xac", 50) == 14);      // €: 0x20ac
    CHECK(coordinator_partition("\xf0\x9f\x98\x80", 50) == 49);  // U+1F600: two units
}

TEST_CASE("bytes that are not UTF-8 count as U+FFFD") {
    CHECK(coordinator_partition("\xff", 50) == 0xfffd % 50);
    CHECK(coordinator_partition("\xe2\x82", 50) == (0xfffd * 31 + 0xfffd) % 50);
}
