// Which clients are to push which metrics, and how often.
#include "broker/telemetry/subscriptions.h"

#include <doctest/doctest.h>

using namespace broker::telemetry;
using Names = std::vector<std::string>;

namespace {

const Client app{.instance_id = {{std::byte{1}}},
                 .client_id = "app-1",
                 .software_name = "apache-kafka-java",
                 .software_version = "4.3.1",
                 .source_address = "127.0.0.1",
                 .source_port = 40'000};

}  // namespace

TEST_CASE("a client that no subscription matches has nothing to push, and asks again later") {
    Subscriptions subscriptions;
    CHECK(subscriptions.of(app).metrics.empty());
    CHECK(subscriptions.of(app).push_interval_ms == 300'000);
    subscriptions.configure("others", {{"match", "client_id=other"}, {"metrics", "org.apache."}});
    CHECK(subscriptions.of(app).metrics.empty());
}

TEST_CASE(
    "a client pushes what all subscriptions that match it ask for, at the shortest interval") {
    Subscriptions subscriptions;
    subscriptions.configure("a", {{"metrics", "b.,a."}, {"interval.ms", "1000"}});
    subscriptions.configure("b", {{"metrics", "c.,a."}, {"interval.ms", "2000"}});
    CHECK(subscriptions.of(app).metrics == Names{"a.", "b.", "c."});
    CHECK(subscriptions.of(app).push_interval_ms == 1000);
    subscriptions.configure("c", {{"metrics", "*"}});
    CHECK(subscriptions.of(app).metrics == Names{"*"});
    subscriptions.configure("c", {});
    subscriptions.configure("a", {});
    CHECK(subscriptions.of(app).metrics == Names{"a.", "c."});
    CHECK(subscriptions.of(app).push_interval_ms == 2000);
}

TEST_CASE("a subscription is for those clients that each of its patterns matches as a whole") {
    const auto matches = [](std::string match) {
        Subscriptions subscriptions;
        subscriptions.configure("a", {{"match", std::move(match)}, {"metrics", "a."}});
        return !subscriptions.of(app).metrics.empty();
    };
    CHECK(matches(""));
    CHECK(matches("client_instance_id=AQAAAAAAAAAAAAAAAAAAAA"));
    CHECK(matches("client_id=app-[0-9]"));
    CHECK(matches("client_software_name=apache-.*,client_software_version=4\\..*"));
    CHECK(matches("client_source_address=127\\.0\\.0\\.1,client_source_port=40000"));
    CHECK_FALSE(matches("client_id=app"));
    CHECK_FALSE(matches("client_id=app-1,client_source_port=40001"));
    CHECK_FALSE(matches("client_software_version=3.*"));
    // No broker of ours accepts these.
    CHECK_FALSE(matches("client_id=("));
    CHECK_FALSE(matches("client_id"));
    CHECK_FALSE(matches("client_name=app-1"));
}

TEST_CASE("a subscription's id tells clients, metrics and intervals apart, and nothing else") {
    Subscriptions subscriptions;
    Client other = app;
    other.instance_id.bytes[0] = std::byte{2};
    subscriptions.configure("a", {{"metrics", "a."}});
    const auto id = subscriptions.of(app).id;
    CHECK(id == subscriptions.of(app).id);
    CHECK(id != subscriptions.of(other).id);
    subscriptions.configure("unmatched", {{"match", "client_id=other"}, {"metrics", "b."}});
    CHECK(id == subscriptions.of(app).id);
    subscriptions.configure("a", {{"metrics", "a."}, {"interval.ms", "100"}});
    CHECK(id != subscriptions.of(app).id);
    subscriptions.configure("a", {{"metrics", "b."}});
    CHECK(id != subscriptions.of(app).id);
}
