// Frames: what closes a connection, and that it closes no other.
#include <doctest/doctest.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/metadata.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

Blob bytes(std::initializer_list<int> values) {
    Blob blob;
    for (const int value : values) blob.push_back(static_cast<std::byte>(value));
    return blob;
}

// The frame of an ApiVersions request of version 0, whose body is empty, and more bytes after it.
Blob api_versions_frame(size_t trailing_bytes = 0) {
    Blob frame = bytes(
        {0, 0, 0, static_cast<int>(10 + trailing_bytes), 0, 18, 0, 0, 0, 0, 0, 9, 0xff, 0xff});
    frame.resize(frame.size() + trailing_bytes, std::byte{0x5a});
    return frame;
}

constexpr size_t long_frame_bytes = 90'000;
constexpr size_t begun_bytes = 20'000;  // more than a connection reads before it takes memory

// The begin of an ApiVersions request of long_frame_bytes: its size, and so many bytes of it.
Blob begin_of_long_frame(size_t sent_bytes) {
    Blob frame = bytes({0, 0x01, 0x5f, 0x90, 0, 18, 0, 0, 0, 0, 0, 9, 0xff, 0xff});
    frame.resize(4 + sent_bytes);
    return frame;
}

bool is_served(Client& client) {
    return client.call<ApiVersionsResponse>(ApiVersionsRequest{}, 0)->error_code == ErrorCode::none;
}

// Whether a new connection is served, sooner or later.
bool is_admitted_in_time(const TestBroker& broker) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < give_up) {
        Client next(broker.port());
        next.send(ApiVersionsRequest{}, 0);
        if (!next.is_closed_by_broker()) return true;
    }
    return false;
}

// Takes the log's warnings instead of the terminal, for as long as it lives.
class Warnings {
  public:
    Warnings() : before_(spdlog::default_logger()) {
        auto logger = std::make_shared<spdlog::logger>("einmal", lines_);
        logger->set_level(spdlog::level::warn);
        spdlog::set_default_logger(std::move(logger));
    }
    ~Warnings() { spdlog::set_default_logger(before_); }
    size_t count() const { return lines_->last_raw().size(); }

  private:
    std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines_ =
        std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100);
    std::shared_ptr<spdlog::logger> before_;
};

// A broker with one client that behaves and one that does not.
struct Two {
    explicit Two(Values settings = {})
        : broker(std::move(settings)), good(broker.port()), bad(broker.port()) {}

    Warnings warnings;
    TestBroker broker;
    Client good;
    Client bad;
};

}  // namespace

TEST_CASE(
    "a size that no request has, or above socket.request.max.bytes, closes the connection alone") {
    Two clients({{"socket.request.max.bytes", "100000"}});
    SUBCASE("zero") { clients.bad.send_bytes(bytes({0, 0, 0, 0})); }
    SUBCASE("below zero") { clients.bad.send_bytes(bytes({0xff, 0xff, 0xff, 0xff})); }
    SUBCASE("one above the limit") { clients.bad.send_bytes(bytes({0, 0x01, 0x86, 0xa1})); }
    SUBCASE("as large as can be") { clients.bad.send_bytes(bytes({0x7f, 0xff, 0xff, 0xff})); }
    SUBCASE("what a browser sends") {
        clients.bad.send_bytes(storage::as_bytes("GET / HTTP/1.1\r\nHost: einmal\r\n\r\n"));
    }
    CHECK(clients.bad.is_closed_by_broker());
    CHECK(is_served(clients.good));
    CHECK(clients.warnings.count() == 1);
}

TEST_CASE("a request as large as socket.request.max.bytes is served") {
    TestBroker broker({{"socket.request.max.bytes", "100000"}});
    Client client(broker.port());
    Blob frame(4 + 100'000);
    const Blob head = bytes({0, 0x01, 0x86, 0xa0, 0, 18, 0, 0, 0, 0, 0, 9, 0xff, 0xff});
    std::ranges::copy(head, frame.begin());
    client.send_bytes(frame);
    CHECK(client.receive_frame().size() > 100);
}

TEST_CASE("an array above einmal.request.array.elements.max closes the connection alone") {
    Two clients({{"einmal.request.array.elements.max", "3"}});
    const auto topics = [](int32_t count) {
        MetadataRequest request;
        request.topics.emplace().resize(static_cast<size_t>(count), {.name = "absent"});
        return request;
    };
    CHECK(clients.bad.call<MetadataResponse>(topics(3), 1)->topics.size() == 1);  // named thrice
    clients.bad.send(topics(4), 1);
    CHECK(clients.bad.is_closed_by_broker());
    CHECK(is_served(clients.good));
    CHECK(clients.warnings.count() == 1);
}

TEST_CASE("garbage in a frame closes its connection alone, with one line in the log") {
    Two clients;
    SUBCASE("not even a header") { clients.bad.send_bytes(bytes({0, 0, 0, 1, 0})); }
    SUBCASE("a header that ends early") {
        clients.bad.send_bytes(bytes({0, 0, 0, 8, 0, 18, 0, 0, 0, 0, 0, 1}));
    }
    SUBCASE("a client id that is longer than the frame") {
        clients.bad.send_bytes(bytes({0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0x7f, 0xff}));
    }
    SUBCASE("a body that ends early") { clients.bad.send_request(3, 12, bytes({0})); }
    SUBCASE("an array of two thousand million topics") {
        clients.bad.send_request(3, 1, bytes({0x7f, 0xff, 0xff, 0xff}));
    }
    SUBCASE("a compact array of four thousand million topics") {
        clients.bad.send_request(3, 12, bytes({0xff, 0xff, 0xff, 0xff, 0x0f}));
    }
    SUBCASE("an array that must not be null and has no count") {
        clients.bad.send_request(19, 2, bytes({0xff, 0xff, 0xff, 0xfe}));
    }
    CHECK(clients.bad.is_closed_by_broker());
    CHECK(is_served(clients.good));
    CHECK(clients.warnings.count() == 1);
}

TEST_CASE("an API key or a version that is not served closes the connection alone") {
    Two clients;
    SUBCASE("no such key") { clients.bad.send_request(1000, 0, {}); }
    SUBCASE("a negative key") { clients.bad.send_request(-1, 0, {}); }
    SUBCASE("a key of the controllers") { clients.bad.send_request(52, 0, {}); }
    SUBCASE("a version to come") { clients.bad.send_request(3, 99, {}); }
    SUBCASE("a version of the past") { clients.bad.send_request(0, 2, {}); }
    SUBCASE("a negative version") { clients.bad.send_request(3, -1, {}); }
    CHECK(clients.bad.is_closed_by_broker());
    CHECK(is_served(clients.good));
    CHECK(clients.warnings.count() == 1);
}

TEST_CASE("a client that goes in the middle of a frame disturbs nobody") {
    Two clients;
    clients.bad.send_bytes(bytes({0, 0, 1, 0, 0, 18}));
    clients.bad.close();
    CHECK(is_served(clients.good));
}

TEST_CASE("ApiVersions of a version to come is answered in version 0 with error 35") {
    TestBroker broker;
    Client client(broker.port());
    client.send_request(ApiVersionsRequest::api_key, 127, bytes({1, 2, 3}));
    const auto answer = client.receive<ApiVersionsResponse>(0);
    CHECK(answer->error_code == ErrorCode::unsupported_version);
    REQUIRE(answer->api_keys.size() == 1);
    CHECK(answer->api_keys.at(0).api_key == ApiVersionsRequest::api_key);
    CHECK(answer->api_keys.at(0).max_version == 5);
    CHECK(is_served(client));  // the client asks again on the same connection
}

TEST_CASE("bytes after a request's body are ignored") {
    TestBroker broker;
    Client client(broker.port());
    client.send_bytes(api_versions_frame(7));
    CHECK(client.receive_frame() == [&] {
        client.send_bytes(api_versions_frame());
        return client.receive_frame();
    }());
}

TEST_CASE("a frame that comes byte by byte is served") {
    TestBroker broker;
    Client client(broker.port());
    for (const std::byte byte : api_versions_frame()) client.send_bytes({&byte, 1});
    CHECK(client.receive_frame().size() > 100);
}

TEST_CASE("requests sent without waiting are answered in their order") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, "orders", 6);
    for (int32_t partition = 0; partition < 6; ++partition)
        send_fetch(client, {"orders", partition}, 0, {.max_wait_ms = partition == 0 ? 100 : 0});
    client.send(ApiVersionsRequest{}, 0);
    for (int32_t partition = 0; partition < 6; ++partition)
        CHECK(receive_fetched(client).high_watermark == 0);
    CHECK(client.receive<ApiVersionsResponse>(0)->error_code == ErrorCode::none);
}

TEST_CASE("an idle connection is closed after connections.max.idle.ms, a busy one is not") {
    TestBroker broker({{"connections.max.idle.ms", "100"}});
    Client idle(broker.port());
    Client busy(broker.port());
    create_topic(busy, "orders");
    send_fetch(busy, {"orders"}, 0, {.max_wait_ms = 400});
    CHECK(idle.is_closed_by_broker());
    CHECK(receive_fetched(busy).high_watermark == 0);
}

TEST_CASE("a client that does not read its answers is closed after connections.max.idle.ms") {
    TestBroker broker({{"connections.max.idle.ms", "100"}, {"max.connections", "1"}});
    Client silent(broker.port());
    create_topic(silent, "orders");
    for (int i = 0; i < 4; ++i)
        REQUIRE(produce(silent, {"orders"}, plain_batch(1, 900'000)) == stored_at(i));
    // More than the sockets' buffers take.
    for (int i = 0; i < 40; ++i)
        send_fetch(silent, {"orders"}, 0, {.max_bytes = 4 << 20, .partition_max_bytes = 4 << 20});
    CHECK(is_admitted_in_time(broker));
}

TEST_CASE("connections above max.connections are closed until others have gone") {
    TestBroker broker({{"max.connections", "2"}});
    Client first(broker.port());
    Client second(broker.port());
    CHECK(is_served(first));
    CHECK(is_served(second));
    CHECK(Client(broker.port()).is_closed_by_broker());
    CHECK(is_served(first));
    first.close();
    // The broker hears of it when it hears of it: until then the new connection is refused, too.
    CHECK(is_admitted_in_time(broker));
}

TEST_CASE("connections of one address above max.connections.per.ip are closed") {
    TestBroker broker({{"max.connections.per.ip", "1"}});
    Client first(broker.port());
    CHECK(is_served(first));
    CHECK(Client(broker.port()).is_closed_by_broker());
    CHECK(is_served(first));
}

TEST_CASE("clients that announce requests and do not send them take no memory from the others") {
    TestBroker broker({{"queued.max.request.bytes", "100000"}});
    Client setup(broker.port());
    create_topic(setup, "orders");
    std::vector<std::unique_ptr<Client>> silent;
    for (size_t sent_bytes = 0; sent_bytes < 6000; sent_bytes += 1000) {
        silent.push_back(std::make_unique<Client>(broker.port()));
        silent.back()->send_bytes(begin_of_long_frame(sent_bytes));
    }
    CHECK(is_served(setup));
    CHECK(produce(setup, {"orders"}, plain_batch(1, 80'000)) == stored_at(0));
    CHECK(produce(setup, {"orders"}, plain_batch(1, 80'000)) == stored_at(1));
}

TEST_CASE("requests that come in parts, and are more than the budget together, are all served") {
    TestBroker broker({{"queued.max.request.bytes", "100000"}});
    std::vector<std::unique_ptr<Client>> slow;
    for (int i = 0; i < 4; ++i) {
        slow.push_back(std::make_unique<Client>(broker.port()));
        slow.back()->send_bytes(begin_of_long_frame(begun_bytes));
    }
    for (auto& client : slow) client->send_bytes(Blob(long_frame_bytes - begun_bytes));
    for (auto& client : slow) CHECK(client->receive_frame().size() > 100);
}

TEST_CASE("requests above queued.max.request.bytes wait until others are done") {
    TestBroker broker({{"queued.max.request.bytes", "100000"}});
    Client setup(broker.port());
    create_topic(setup, "orders");
    Client first(broker.port());
    Client second(broker.port());
    CHECK(is_served(first));
    // The first has begun a request of most of the budget, so the second does not fit.
    first.send_bytes(begin_of_long_frame(begun_bytes));
    CHECK(is_served(setup));
    const Blob batch = plain_batch(1, 50'000);
    send_produce(second, {"orders"}, batch);
    CHECK(second.is_silent(50));
    CHECK(is_served(setup));  // what fits goes on
    first.send_bytes(Blob(long_frame_bytes - begun_bytes));
    CHECK(first.receive_frame().size() > 100);
    CHECK(receive_produced(second) == stored_at(0));
}

TEST_CASE("a client that goes while its request waits for memory lets the others in") {
    TestBroker broker({{"queued.max.request.bytes", "100000"}});
    Client setup(broker.port());
    create_topic(setup, "orders");
    Client first(broker.port());
    CHECK(is_served(first));
    first.send_bytes(begin_of_long_frame(begun_bytes));
    CHECK(is_served(setup));
    first.close();
    CHECK(produce(setup, {"orders"}, plain_batch(1, 50'000)) == stored_at(0));
}

TEST_CASE("what was answered arrives although its client sent more than was read") {
    const Warnings unshown;
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, "orders");
    REQUIRE(produce(client, {"orders"}, plain_batch(1, 900'000)) == stored_at(0));
    send_fetch(client, {"orders"}, 0, {.max_bytes = 4 << 20, .partition_max_bytes = 4 << 20});
    client.send_request(1000, 0, {});  // which closes the connection
    client.send_bytes(Blob(60'000));
    CHECK(receive_fetched(client).record_count == 1);
    CHECK(client.is_closed_by_broker());
}
