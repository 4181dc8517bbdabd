// What the controller decides about client quotas.
#include "broker/metadata/quota_changes.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace broker::metadata;
using protocol::ErrorCode;

namespace {

const std::string rate = "producer_byte_rate";
const std::string percentage = "request_percentage";
const std::string connections = "connection_creation_rate";

QuotaEntity user(const std::string& name) { return {{"user", name}}; }
QuotaEntity ip(const std::string& name) { return {{"ip", name}}; }

struct Cluster {
    std::vector<ErrorCode> alter(const std::vector<QuotaAlteration>& alterations) {
        const auto changes = alter_client_quotas(image, alterations);
        last_record_count = changes.records.size();
        for (const auto& record : changes.records) image.replay(record);
        std::vector<ErrorCode> errors;
        for (const auto& result : changes.results) errors.push_back(result.error.code);
        return errors;
    }
    ErrorCode set(const QuotaEntity& entity, const std::string& key, double value) {
        return alter({{entity, {{key, value}}}}).front();
    }
    std::optional<double> value(const QuotaEntity& entity, const std::string& key) const {
        const auto found = image.quotas().find({entity, key});
        return found == image.quotas().end() ? std::nullopt : std::optional(found->second);
    }
    broker::config::BrokerValues values;
    ClusterImage image{values};
    size_t last_record_count = 0;
};

constexpr auto none = ErrorCode::none;
constexpr auto invalid = ErrorCode::invalid_request;

}  // namespace

TEST_CASE("quotas are set and removed by entity and key, and count at once") {
    Cluster cluster;
    CHECK(cluster.alter({{user("ann"), {{rate, 1000.0}, {percentage, 12.5}}}}) ==
          std::vector{none});
    CHECK(cluster.value(user("ann"), percentage) == 12.5);
    CHECK(cluster.image.quota_limits().find(broker::quota::Kind::produce, {"ann", ""}));
    CHECK(cluster.alter({{user("ann"), {{rate, std::nullopt}}}}) == std::vector{none});
    CHECK(cluster.value(user("ann"), rate) == std::nullopt);
    CHECK_FALSE(cluster.image.quota_limits().find(broker::quota::Kind::produce, {"ann", ""}));
}

TEST_CASE("what is so already makes no record") {
    Cluster cluster;
    cluster.set(user("ann"), rate, 1000);
    CHECK(cluster.set(user("ann"), rate, 1000) == none);
    CHECK(cluster.last_record_count == 0);
    CHECK(cluster.alter({{user("ann"), {{percentage, std::nullopt}}}}) == std::vector{none});
    CHECK(cluster.last_record_count == 0);
    CHECK(cluster.alter({{user("ann"), {{"no_such_key", std::nullopt}}}}) == std::vector{none});
    CHECK(cluster.alter({{user("ann"), {}}}) == std::vector{none});
}

TEST_CASE("an entity is a user, a client id, both, or an IP") {
    Cluster cluster;
    const auto set = [&](const QuotaEntity& entity, const std::string& key = rate) {
        return cluster.set(entity, key, 1);
    };
    CHECK(set({{"client-id", "app"}}) == none);
    CHECK(set({{"client-id", std::nullopt}, {"user", "ann"}}) == none);
    CHECK(set({{"user", std::nullopt}}) == none);
    CHECK(set(ip("10.0.0.1"), connections) == none);
    CHECK(set(ip("2001:db8::1"), connections) == none);
    CHECK(set({{"ip", std::nullopt}}, connections) == none);

    CHECK(set({}) == invalid);
    CHECK(set({{"group", "g"}}) == invalid);
    CHECK(set(user("")) == invalid);
    CHECK(set({{"ip", "10.0.0.1"}, {"user", "ann"}}) == invalid);
    CHECK(set({{"client-id", "app"}, {"ip", "10.0.0.1"}}, connections) == invalid);
    for (const std::string name : {"", "localhost", "10.0.0.0/8", "999.1.1.1", "not an ip"})
        CHECK(set(ip(name), connections) == invalid);
}

TEST_CASE("of a type that is named twice the last name counts") {
    CHECK(sorted_entity({{"user", "ann"}, {"client-id", "app"}, {"user", "ben"}}) ==
          QuotaEntity{{"client-id", "app"}, {"user", "ben"}});
}

TEST_CASE("a key belongs to clients or to IPs") {
    Cluster cluster;
    CHECK(cluster.set(user("ann"), connections, 1) == invalid);
    CHECK(cluster.set(ip("10.0.0.1"), rate, 1) == invalid);
    CHECK(cluster.set(user("ann"), "no_such_key", 1) == invalid);
    CHECK(cluster.set(user("ann"), "", 1) == invalid);
    CHECK(cluster.set(user("ann"), "consumer_byte_rate", 1) == none);
    CHECK(cluster.set(user("ann"), "controller_mutation_rate", 0.5) == none);
}

TEST_CASE("a value is above 0, and whole where it counts bytes or connections") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    Cluster cluster;
    for (const double value : {0.0, -0.0, -1.0, -infinity, nan}) {
        CHECK(cluster.set(user("ann"), rate, value) == invalid);
        CHECK(cluster.set(user("ann"), percentage, value) == invalid);
    }
    for (const double value : {1.5, 1e19, infinity, 0.1})
        CHECK(cluster.set(user("ann"), rate, value) == invalid);
    for (const double value : {1.5, 1e19, 0.1})
        CHECK(cluster.set(user("ann"), percentage, value) == none);
    CHECK(cluster.set(user("ann"), percentage, infinity) == invalid);
    for (const double value : {1.0, 1.0000001, 0.9999999, 1e-7, 9e18})
        CHECK(cluster.set(user("ann"), rate, value) == none);
    CHECK(cluster.set(ip("10.0.0.1"), connections, 2'147'483'647.0) == none);
    CHECK(cluster.set(ip("10.0.0.1"), connections, 2'147'483'648.0) == invalid);
}

TEST_CASE("a fault in one op leaves its entity as it was, and others not") {
    Cluster cluster;
    CHECK(cluster.alter({{user("ann"), {{rate, 1.0}, {"no_such_key", 2.0}}},
                         {user("ben"), {{rate, 1.0}}}}) == std::vector{invalid, none});
    CHECK(cluster.value(user("ann"), rate) == std::nullopt);
    CHECK(cluster.value(user("ben"), rate) == 1);
    CHECK(cluster.alter({{user("ann"), {{rate, 1.0}, {rate, 2.0}}}}) == std::vector{invalid});
    CHECK(cluster.value(user("ann"), rate) == std::nullopt);
}

TEST_CASE("an entity that is named again is told so, and its first alteration stands") {
    Cluster cluster;
    CHECK(cluster.alter({{user("ann"), {{rate, 1.0}}}, {user("ann"), {{percentage, 2.0}}}}) ==
          std::vector{invalid});
    CHECK(cluster.value(user("ann"), rate) == 1);
    CHECK(cluster.value(user("ann"), percentage) == std::nullopt);
}

TEST_CASE("quotas do not take all memory, and as many as there are can be changed") {
    Cluster cluster;
    const std::string long_name(1 << 20, 'x');
    const auto number = [&](int i) { return user(long_name + std::to_string(i)); };
    for (int i = 0; i < 15; ++i) CHECK(cluster.set(number(i), rate, 1) == none);
    CHECK(cluster.set(number(15), rate, 1) == ErrorCode::policy_violation);
    CHECK(cluster.set(number(14), rate, 2) == none);
    CHECK(cluster.alter({{number(0), {{rate, std::nullopt}}}}) == std::vector{none});
    CHECK(cluster.alter({{number(15), {{rate, 1.0}}}, {number(16), {{rate, 1.0}}}}) ==
          std::vector{none, ErrorCode::policy_violation});
}
