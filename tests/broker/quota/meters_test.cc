// How long clients wait, in conversations over time.
#include "broker/quota/meters.h"

#include <doctest/doctest.h>

#include "broker/quota/mutation_quota.h"

using namespace broker::quota;

namespace {

constexpr Client ann{"ann", "app"};
constexpr Limit for_each_pair{.per_second = 100, .is_of_user = true, .is_of_client_id = true};

Meters meters() { return {Window{}, Window{}}; }

}  // namespace

TEST_CASE("what is sent above the limit is counted, and then paid for by waiting") {
    Meters all = meters();
    CHECK(all.record(Kind::produce, ann, for_each_pair, 1000, 0) == 0);
    CHECK(all.record(Kind::produce, ann, for_each_pair, 1000, 0) == 10'000);
    CHECK(all.record(Kind::produce, ann, for_each_pair, 0, 11'000) == 0);
}

TEST_CASE("clients that a limit counts together wait for each other, and others do not") {
    Meters all = meters();
    const auto wait = [&](const Limit& limit, const Client& client) {
        return all.record(Kind::produce, client, limit, 1000, 0);
    };
    SUBCASE("of a user") {
        const Limit limit{.per_second = 100, .is_of_user = true};
        CHECK(wait(limit, {"ann", "app"}) == 0);
        CHECK(wait(limit, {"ann", "another"}) > 0);
        CHECK(wait(limit, {"ben", "app"}) == 0);
    }
    SUBCASE("of a client id") {
        const Limit limit{.per_second = 100, .is_of_client_id = true};
        CHECK(wait(limit, {"ann", "app"}) == 0);
        CHECK(wait(limit, {"ben", "app"}) > 0);
        CHECK(wait(limit, {"ann", "another"}) == 0);
    }
    SUBCASE("of both") {
        CHECK(wait(for_each_pair, {"ann", "app"}) == 0);
        CHECK(wait(for_each_pair, {"ann", "another"}) == 0);
        CHECK(wait(for_each_pair, {"an", "napp"}) == 0);
    }
    SUBCASE("each kind of limit by itself") {
        CHECK(wait(for_each_pair, ann) == 0);
        CHECK(all.record(Kind::fetch, ann, for_each_pair, 1000, 0) == 0);
    }
}

TEST_CASE("for thread time nobody waits longer than a sample") {
    Meters all = meters();
    CHECK(all.record(Kind::request, ann, for_each_pair, 1'000'000, 0) == 1000);
}

TEST_CASE("a fetch above the limit is not counted, so that it passes when its time has come") {
    Meters all = meters();
    CHECK(all.admit_fetch(ann, for_each_pair, 900, 0) == 0);
    CHECK(all.admit_fetch(ann, for_each_pair, 900, 0) == 8000);
    CHECK(all.admit_fetch(ann, for_each_pair, 900, 0) == 8000);
    CHECK(all.admit_fetch(ann, for_each_pair, 100, 0) == 0);
    CHECK(all.admit_fetch(ann, for_each_pair, 900, 11'000) == 0);
}

TEST_CASE("a batch that is larger than the limit of a whole window is read all the same") {
    Meters all = meters();
    CHECK(all.admit_fetch(ann, for_each_pair, 5000, 0) == 0);
    CHECK(all.admit_fetch(ann, for_each_pair, 1, 1000) > 0);
    CHECK(all.admit_fetch(ann, for_each_pair, 5000, 11'000) == 0);
    CHECK(all.window_total(for_each_pair) == 1000);
}

TEST_CASE("a strict quota lets a client into debt, and refuses it until that is paid") {
    Meters all = meters();
    MutationQuota quota(all, ann, Limit{.per_second = 1, .is_of_user = true}, /*is_strict=*/true);
    CHECK(quota.charge(20, 0));  // 11 are saved up
    CHECK(quota.wait_ms(0) == 0);
    CHECK_FALSE(quota.charge(1, 0));
    CHECK(quota.wait_ms(0) == 9000);
    CHECK(quota.wait_ms(4000) == 5000);
    CHECK_FALSE(quota.charge(1, 8999));
    CHECK(quota.charge(1, 9000));
}

TEST_CASE("a client that knows no refusal is let through, and waits") {
    Meters all = meters();
    MutationQuota quota(all, ann, Limit{.per_second = 1, .is_of_user = true}, /*is_strict=*/false);
    CHECK(quota.charge(20, 0));
    CHECK(quota.wait_ms(0) == 9000);
    CHECK(quota.charge(1, 0));
    CHECK(quota.wait_ms(0) == 10'000);
}

TEST_CASE("without a limit topics change as they like") {
    Meters all = meters();
    MutationQuota quota(all, ann, std::nullopt, /*is_strict=*/true);
    CHECK(quota.charge(1e9, 0));
    CHECK(quota.charge(1e9, 0));
    CHECK(quota.wait_ms(0) == 0);
    CHECK(all.count() == 0);
}

TEST_CASE("connections above an address's limit are not counted, and wait a sample at most") {
    Meters all = meters();
    for (int i = 0; i < 50; ++i) CHECK(all.connect("10.0.0.1", 5, 0) == 0);
    CHECK(all.connect("10.0.0.1", 5, 0) == 200);
    CHECK(all.connect("10.0.0.1", 0.001, 0) == 1000);
    CHECK(all.connect("10.0.0.2", 5, 0) == 0);
    CHECK(all.connect("10.0.0.1", 5, 11'000) == 0);
}

TEST_CASE("clients that are silent, or give themselves ever new names, take no memory for long") {
    Meters all = meters();
    for (int i = 0; i < 200'000; ++i) {
        const std::string id = "client-" + std::to_string(i);
        all.record(Kind::produce, {"ann", id}, for_each_pair, 1, 0);
    }
    CHECK(all.count() == 100'000);
    all.record(Kind::produce, ann, for_each_pair, 1, 20'000);
    CHECK(all.count() == 1);
}

TEST_CASE("long names are told apart, too") {
    Meters all = meters();
    const std::string beginning(30'000, 'x');
    CHECK(all.admit_fetch({"ann", beginning + "1"}, for_each_pair, 1000, 0) == 0);
    CHECK(all.admit_fetch({"ann", beginning + "1"}, for_each_pair, 1000, 0) > 0);
    CHECK(all.admit_fetch({"ann", beginning + "2"}, for_each_pair, 1000, 0) == 0);
}
