// Which quota is whose.
#include "broker/quota/limits.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace broker::quota;

namespace {

using Name = std::optional<std::string>;
const Name everyone_else = std::nullopt;

EntityData user(Name name) { return {std::string(user_type), std::move(name)}; }
EntityData client_id(Name name) { return {std::string(client_id_type), std::move(name)}; }
EntityData ip(Name name) { return {std::string(ip_type), std::move(name)}; }

using Entity = std::vector<EntityData>;

// As Kafka's documentation has them, the most specific first.
const Entity in_order[] = {
    {user("ann"), client_id("app")},
    {user("ann"), client_id(everyone_else)},
    {user("ann")},
    {user(everyone_else), client_id("app")},
    {user(everyone_else), client_id(everyone_else)},
    {user(everyone_else)},
    {client_id("app")},
    {client_id(everyone_else)},
};

// Nullopt: no limit.
std::optional<double> limit_of(const Limits& limits, const Client& client,
                               Kind kind = Kind::produce) {
    const auto limit = limits.find(kind, client);
    return limit ? std::optional(limit->per_second) : std::nullopt;
}

}  // namespace

TEST_CASE("the most specific quota that fits a client counts, in Kafka's order") {
    Limits limits;
    double value = 0;
    for (const Entity& entity : in_order) limits.set(entity, produce_key, ++value);
    value = 0;
    for (const Entity& entity : in_order) {
        CHECK(limit_of(limits, {"ann", "app"}) == ++value);
        limits.set(entity, produce_key, std::nullopt);
    }
    CHECK(limit_of(limits, {"ann", "app"}) == std::nullopt);
    CHECK_FALSE(limits.has(Kind::produce));
}

TEST_CASE("a quota counts together whom it does not tell apart") {
    const auto scope = [](const Entity& entity) {
        Limits limits;
        limits.set(entity, fetch_key, 1);
        const auto limit = limits.find(Kind::fetch, {"ann", "app"});
        REQUIRE(limit);
        return std::pair(limit->is_of_user, limit->is_of_client_id);
    };
    CHECK(scope({user("ann"), client_id(everyone_else)}) == std::pair(true, true));
    CHECK(scope({client_id(everyone_else), user(everyone_else)}) == std::pair(true, true));
    CHECK(scope({user(everyone_else)}) == std::pair(true, false));
    CHECK(scope({client_id("app")}) == std::pair(false, true));
}

TEST_CASE("a client without a client id is limited by its user alone") {
    Limits limits;
    for (const Entity& entity : in_order)
        if (entity.size() == 2 || entity.front().entity_type == client_id_type)
            limits.set(entity, produce_key, 1);
    CHECK(limit_of(limits, {"ann", ""}) == std::nullopt);
    limits.set(Entity{user(everyone_else)}, produce_key, 2);
    CHECK(limit_of(limits, {"ann", ""}) == 2);
}

TEST_CASE("each kind of quota stands by itself") {
    Limits limits;
    limits.set(Entity{user("ann"), client_id("app")}, produce_key, 1);
    limits.set(Entity{client_id("app")}, request_key, 2);
    CHECK(limit_of(limits, {"ann", "app"}, Kind::produce) == 1);
    CHECK(limit_of(limits, {"ann", "app"}, Kind::request) == 2);
    CHECK_FALSE(limits.has(Kind::fetch));
    CHECK_FALSE(limits.has(Kind::controller_mutation));
}

TEST_CASE("what limits nobody is passed over") {
    Limits limits;
    limits.set(Entity{{"group", "g"}}, produce_key, 1);
    limits.set(Entity{}, produce_key, 1);
    limits.set(Entity{user("ann")}, "a_key_to_come", 1);
    limits.set(Entity{user("ann")}, produce_key, std::numeric_limits<double>::quiet_NaN());
    limits.set(Entity{user("ann")}, fetch_key, std::nullopt);
    CHECK_FALSE(limits.has(Kind::produce));
    CHECK_FALSE(limits.has(Kind::fetch));
}

TEST_CASE("connections are limited by address, whichever way that is written") {
    Limits limits;
    CHECK(limits.connection_rate("10.0.0.1") == std::nullopt);
    limits.set(Entity{ip("::FFFF:10.0.0.1")}, connection_key, 5);
    limits.set(Entity{ip("2001:DB8:0:0::1")}, connection_key, 6);
    limits.set(Entity{ip("no address")}, connection_key, 7);
    CHECK(limits.connection_rate("10.0.0.1") == 5);
    CHECK(limits.connection_rate("2001:db8::1") == 6);
    CHECK(limits.connection_rate("10.0.0.2") == std::nullopt);
    limits.set(Entity{ip(everyone_else)}, connection_key, 8);
    CHECK(limits.connection_rate("10.0.0.2") == 8);
    limits.set(Entity{ip("10.0.0.1")}, connection_key, std::nullopt);
    CHECK(limits.connection_rate("10.0.0.1") == 8);
}
