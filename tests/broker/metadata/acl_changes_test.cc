// Which access control lists a filter names, and which may be made.
#include "broker/metadata/acl_changes.h"

#include <doctest/doctest.h>

using namespace broker::metadata;

namespace {

constexpr int8_t topic = static_cast<int8_t>(ResourceType::topic);
constexpr int8_t cluster = static_cast<int8_t>(ResourceType::cluster);
constexpr int8_t match = static_cast<int8_t>(PatternType::match);
constexpr int8_t literal = static_cast<int8_t>(PatternType::literal);
constexpr int8_t prefixed = static_cast<int8_t>(PatternType::prefixed);
constexpr int8_t reading = 3, writing = 4, deny = 2, allow = 3;

AclEntry entry(std::string name, int8_t pattern = literal) {
    return {.resource_type = topic,
            .resource_name = std::move(name),
            .pattern_type = pattern,
            .principal = "User:a",
            .host = "*",
            .operation = reading,
            .permission_type = allow};
}

ErrorCode error_of(const AclEntry& entry) {
    const auto valid = validate_acl(entry);
    return valid ? ErrorCode::none : valid.error().code;
}

}  // namespace

TEST_CASE("a filter of nothing but ANY names every entry") {
    CHECK(AclFilter{}.matches(entry("orders")));
    CHECK(AclFilter{}.matches(entry("ord", prefixed)));
}

TEST_CASE("each part of a filter has to agree") {
    const AclEntry orders = entry("orders");
    CHECK(AclFilter{.resource_type = topic}.matches(orders));
    CHECK_FALSE(AclFilter{.resource_type = cluster}.matches(orders));
    CHECK(AclFilter{.resource_name = "orders"}.matches(orders));
    CHECK_FALSE(AclFilter{.resource_name = "order"}.matches(orders));
    CHECK(AclFilter{.principal = "User:a"}.matches(orders));
    CHECK_FALSE(AclFilter{.principal = "User:b"}.matches(orders));
    CHECK(AclFilter{.host = "*"}.matches(orders));
    CHECK_FALSE(AclFilter{.host = "127.0.0.1"}.matches(orders));
    CHECK(AclFilter{.operation = reading}.matches(orders));
    CHECK_FALSE(AclFilter{.operation = writing}.matches(orders));
    CHECK(AclFilter{.permission_type = allow}.matches(orders));
    CHECK_FALSE(AclFilter{.permission_type = deny}.matches(orders));
}

TEST_CASE("a pattern type names its own kind, MATCH all that would apply to the name") {
    const AclFilter by_name{.resource_name = "orders", .pattern_type = literal};
    CHECK(by_name.matches(entry("orders")));
    CHECK_FALSE(by_name.matches(entry("orders", prefixed)));
    CHECK_FALSE(by_name.matches(entry("*")));
    const AclFilter matching{.resource_name = "orders", .pattern_type = match};
    CHECK(matching.matches(entry("orders")));
    CHECK(matching.matches(entry("*")));
    CHECK(matching.matches(entry("ord", prefixed)));
    CHECK_FALSE(matching.matches(entry("orders-2", prefixed)));
    CHECK_FALSE(matching.matches(entry("ord")));
    CHECK(AclFilter{.pattern_type = match}.matches(entry("anything")));
}

TEST_CASE("a filter with a part that Kafka does not know is told from one that names nothing") {
    CHECK_FALSE(AclFilter{}.has_unknown_part());
    CHECK(AclFilter{.resource_type = 0}.has_unknown_part());
    CHECK(AclFilter{.resource_type = 8}.has_unknown_part());
    CHECK(AclFilter{.pattern_type = 5}.has_unknown_part());
    CHECK(AclFilter{.operation = -1}.has_unknown_part());
    CHECK(AclFilter{.permission_type = 4}.has_unknown_part());
}

TEST_CASE("an entry is of one resource, one operation, and allows or denies") {
    CHECK(error_of(entry("orders")) == ErrorCode::none);
    CHECK(error_of(entry("ord", prefixed)) == ErrorCode::none);
    CHECK(error_of(entry("orders", match)) == ErrorCode::invalid_request);
    CHECK(error_of(entry("")) == ErrorCode::invalid_request);
    AclEntry wrong = entry("orders");
    SUBCASE("any resource") { wrong.resource_type = acl_any; }
    SUBCASE("any operation") { wrong.operation = acl_any; }
    SUBCASE("neither allows nor denies") { wrong.permission_type = acl_any; }
    SUBCASE("a cluster of another name") { wrong.resource_type = cluster; }
    SUBCASE("a principal without a type") { wrong.principal = "a"; }
    CHECK(error_of(wrong) == ErrorCode::invalid_request);
}

TEST_CASE("the one name of a cluster is kafka-cluster") {
    AclEntry whole = entry("kafka-cluster");
    whole.resource_type = cluster;
    CHECK(error_of(whole) == ErrorCode::none);
}

TEST_CASE("an entry that is there already is not made again, nor one that is asked for twice") {
    AclEntry there = entry("orders");
    there.id.bytes[0] = std::byte{1};
    const auto fresh = new_acls({{there.id, there}},
                                {entry("orders"), entry("ord", prefixed), entry("ord", prefixed)},
                                /*bytes_max=*/1 << 20);
    REQUIRE(fresh);
    REQUIRE(fresh->size() == 1);
    CHECK(fresh->front().resource_name == "ord");
}

TEST_CASE("entries do not take memory without end") {
    AclEntry there = entry("orders");
    there.id.bytes[0] = std::byte{1};
    constexpr int64_t bytes_max = 1'000;
    const std::string long_name(1'000, 'a');
    const auto refused = new_acls({{there.id, there}}, {entry(long_name)}, bytes_max);
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::policy_violation);
    CHECK(new_acls({{there.id, there}}, {entry("payments")}, bytes_max));
    CHECK(new_acls({{there.id, entry(long_name)}}, {entry(long_name)}, bytes_max)->empty());
}
