// Markers that could not be written: one transaction at a time tries again.
#include "broker/coordinator/transaction/marker_retries.h"

#include <doctest/doctest.h>

namespace broker::coordinator::transaction {

namespace {

const TopicPartition full{"full", 0}, other{"full", 1};

}  // namespace

TEST_CASE("where markers are taken any number may be written at once") {
    MarkerRetries retries;
    CHECK(retries.may_try(full, 0));
    CHECK(retries.may_try(full, 0));
}

TEST_CASE("a partition that refused a marker is left alone for a while") {
    MarkerRetries retries;
    retries.refused(full, 1'000);
    CHECK(!retries.may_try(full, 1'000 + marker_retry_ms - 1));
    CHECK(retries.may_try(other, 1'000));
    CHECK(retries.may_try(full, 1'000 + marker_retry_ms));
}

TEST_CASE("of many that wait for a partition one tries at a time") {
    MarkerRetries retries;
    for (int i = 0; i < 10; ++i) retries.refused(full, i);
    int tries = 0;
    for (int64_t now = 0; now < 10 * marker_retry_ms; ++now) {
        // Not all of them are answered in the same instant.
        if (retries.may_try(full, now) && ++tries % 2 == 0) retries.refused(full, now);
    }
    CHECK(tries == 9);
}

TEST_CASE("once a partition takes a marker all others follow") {
    MarkerRetries retries;
    retries.refused(full, 0);
    REQUIRE(retries.may_try(full, marker_retry_ms));
    CHECK(!retries.may_try(full, marker_retry_ms));
    retries.accepted(full);
    CHECK(retries.may_try(full, marker_retry_ms));
    CHECK(retries.may_try(full, marker_retry_ms));
}

}  // namespace broker::coordinator::transaction
