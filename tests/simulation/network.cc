#include "tests/simulation/network.h"

#include "broker/api_table.h"
#include "broker/partition/append_group.h"
#include "broker/request_context.h"

namespace simulation {

namespace {

constexpr int64_t request_timeout_ms = 1'000;
constexpr int64_t soon_ms = 40;
constexpr int64_t late_ms = 12'000;

protocol::Blob gather(const protocol::Encoded& encoded) {
    protocol::Blob whole;
    whole.reserve(encoded.total_bytes);
    size_t taken = 0;
    const auto take = [&](size_t end) {
        const auto begin = encoded.bytes.begin();
        whole.insert(whole.end(), begin + static_cast<ptrdiff_t>(taken),
                     begin + static_cast<ptrdiff_t>(end));
        taken = end;
    };
    for (const protocol::Splice& splice : encoded.splices) {
        take(splice.at);
        whole.insert(whole.end(), splice.records.begin(), splice.records.end());
    }
    take(encoded.bytes.size());
    return whole;
}

}  // namespace

struct Network::Exchange {
    Exchange(Machine& machine, int16_t api_key, int16_t api_version, protocol::Blob request)
        : key(api_key),
          version(api_version),
          body(std::move(request)),
          answered(machine.clients.io(), machine.timers) {}

    bool is_cut_off() const { return current && *current != connection; }

    int16_t key;
    int16_t version;
    protocol::Blob body;
    std::shared_ptr<const uint64_t> current;  // null: the line is not in order
    uint64_t connection = 0;
    protocol::Blob answer;
    broker::Event answered;
};

Network::Network(Machine& machine)
    : machine_(machine),
      loss_percent_(static_cast<int>(machine.dice.below(12))),
      repeat_percent_(static_cast<int>(machine.dice.below(12))),
      late_percent_(static_cast<int>(machine.dice.below(5))) {}

int64_t Network::delay_ms() {
    return machine_.dice.happens(late_percent_) ? machine_.dice.between(0, late_ms)
                                                : machine_.dice.between(0, soon_ms);
}

asio::awaitable<std::optional<protocol::Blob>> Network::exchange(int16_t key, int16_t version,
                                                                 protocol::Blob body, Line* line) {
    auto exchange = std::make_shared<Exchange>(machine_, key, version, std::move(body));
    if (line->is_in_order()) {
        exchange->connection = line->reconnect();
        exchange->current = line->connection();
    }
    const int copies = line->repeats() && machine_.dice.happens(repeat_percent_) ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy)
        if (!machine_.dice.happens(loss_percent_)) machine_.clients.spawn(carry(exchange));
    co_await exchange->answered.wait_until(machine_.clock.now_ms() + request_timeout_ms);
    if (!exchange->answered.is_set()) co_return std::nullopt;
    co_return std::move(exchange->answer);
}

asio::awaitable<void> Network::carry(std::shared_ptr<Exchange> exchange) {
    co_await machine_.pause(delay_ms());
    broker::Broker* broker = machine_.broker();
    if (exchange->is_cut_off() || !broker) co_return;
    broker::Shard& home = broker->shards().at(machine_.dice.below(broker->shards().count()));
    ++request_count_;
    home.spawn(serve(std::move(exchange), *broker, home));
}

asio::awaitable<void> Network::serve(std::shared_ptr<Exchange> exchange, broker::Broker& broker,
                                     broker::Shard& home) {
    // The broker stamps offsets into the records of a request: each copy of it has its own bytes.
    const protocol::Blob body = exchange->body;
    broker::RequestContext context{.broker = broker,
                                   .shards = broker.shards(),
                                   .home = home,
                                   .version = exchange->version,
                                   .client_id = "a-client",
                                   .client_host = "/127.0.0.1"};
    const auto* served = broker::find_served_api(exchange->key);
    require(served && served->api->is_served(exchange->version), "a request that is not served");
    const broker::Durability::Mark before = broker.durability().mark();
    // As a connection does, of which nobody hears more when what it produced cannot be written.
    broker::partition::AppendGroup appends;
    context.appends = &appends;
    auto encoded = served->invoke_at_once ? served->invoke_at_once(context, body, 0) : std::nullopt;
    context.appends = nullptr;
    if (!appends.write_out()) co_return;
    if (!encoded) encoded = co_await served->invoke(context, body, 0);
    require(encoded.has_value(), "a request cannot be read");
    if (!co_await broker.durability().settle(before)) co_return;
    // Of what a dead process would have said nobody hears.
    if (machine_.disk.has_died() || machine_.dice.happens(loss_percent_)) co_return;
    machine_.clients.spawn(bring_back(std::move(exchange), gather(*encoded)));
}

asio::awaitable<void> Network::bring_back(std::shared_ptr<Exchange> exchange,
                                          protocol::Blob answer) {
    co_await machine_.pause(delay_ms());
    if (exchange->answered.is_set()) co_return;
    exchange->answer = std::move(answer);
    exchange->answered.set();
}

}  // namespace simulation
