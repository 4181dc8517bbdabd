// The arithmetic of quotas against Apache Kafka's own, step by step over time.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "broker/quota/sampled_rate.h"
#include "broker/quota/token_bucket.h"

using namespace broker::quota;

TEST_CASE("a client waits to the millisecond for as long as Apache Kafka has it wait") {
    std::ifstream table(KAFKA_WAITS);
    Window window;
    double limit = 0;
    SampledRate rate;
    TokenBucket bucket;
    int64_t now_ms = 1'700'000'000'000;
    int checked = 0;
    for (std::string line; std::getline(table, line);) {
        if (line.starts_with('#')) continue;
        std::istringstream row(line);
        if (std::string word; line.starts_with("window")) {
            row >> word >> window.sample_count >> window.sample_ms >> limit;
            rate = {};
            bucket = {};
            continue;
        }
        int64_t passed_ms = 0;
        double value = 0;
        int32_t rate_wait_ms = 0;
        int32_t bucket_wait_ms = 0;
        row >> passed_ms >> value >> rate_wait_ms >> bucket_wait_ms;
        REQUIRE(row.eof());
        CAPTURE(line);
        now_ms += passed_ms;

        CHECK(rate.excess_ms(limit, now_ms, window, value) == rate_wait_ms);
        rate.record(value, now_ms, window);
        CHECK(rate.excess_ms(limit, now_ms, window) == rate_wait_ms);
        bucket.take(value, limit, now_ms, window);
        CHECK(bucket.is_in_debt(limit, now_ms, window) == (bucket_wait_ms >= 0));
        CHECK(bucket.debt_ms(limit) == std::max(bucket_wait_ms, 0));
        ++checked;
    }
    CHECK(checked == 500);
}

TEST_CASE("a clock that is set back does not make a rate last") {
    const Window window;
    SampledRate rate;
    rate.record(1'000'000, /*now_ms=*/10'000'000, window);
    rate.record(1, /*now_ms=*/5'000'000, window);
    CHECK(rate.excess_ms(/*limit=*/10, 5'000'000, window) == 0);

    TokenBucket bucket;
    bucket.take(20, /*limit=*/1, 10'000'000, window);
    CHECK(bucket.is_in_debt(1, 5'000'000, window));
    CHECK_FALSE(bucket.is_in_debt(1, 5'009'000, window));
}

TEST_CASE("the smallest limit makes the longest wait that an answer can tell") {
    const Window window;
    SampledRate rate;
    rate.record(1, 0, window);
    CHECK(rate.excess_ms(/*limit=*/4.9e-324, 0, window) == std::numeric_limits<int32_t>::max());
}
