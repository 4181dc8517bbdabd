#include "tests/simulation/machine.h"

#include <algorithm>

#include "tests/simulation/left_behind.h"

namespace simulation {

namespace {

constexpr int64_t down_max_ms = 3'000;
constexpr int down_percent = 30;
// More steps than that without any time passing: somebody runs in circles.
constexpr uint64_t steps_at_once_max = 1'000'000;

broker::config::BrokerConfig resolve(broker::config::Values settings) {
    auto resolved = broker::config::resolve_broker_config({.fixed = std::move(settings)});
    require(resolved.has_value(), resolved ? "" : resolved.error().message);
    resolved->log.directories = {"data"};
    resolved->listeners.clear();
    return *std::move(resolved);
}

}  // namespace

Machine::Machine(const Options& options)
    : dice(options.seed),
      disk(options.seed),
      narrates_(options.narrates),
      crash_(options.crash),
      begin_ms_(clock.now_ms()),
      config_(resolve(options.settings)),
      threads_{&clients} {
    // For every start: none may repeat what one before it has drawn.
    config_.seed = options.seed;
}

Machine::~Machine() {
    broker_.reset();
    clients.drop_work();
}

void Machine::start() {
    require(!broker_, "it is started already");
    broker_ = std::make_unique<broker::Broker>(config_, disk, clock, broker::Threads::callers);
    const auto started = broker_->start();
    if (disk.has_died()) return crash();
    require(started.has_value(), started ? "" : "the broker does not start: " + started.error());
    threads_ = broker_->executors();
    threads_.push_back(&clients);
    tell("started");
}

bool Machine::stop() {
    broker_->stop();
    if (disk.has_died()) {
        crash();
        return false;
    }
    broker_.reset();
    threads_ = {&clients};
    tell("stopped");
    const std::string wrong =
        violations_in(disk, "data", clock.now_ms(), config_.log.producer_id_expiration_ms);
    if (disk.has_died()) {  // while it was looked at
        crash();
        return false;
    }
    require(wrong.empty(), "a clean stop leaves\n" + wrong);
    return true;
}

void Machine::crash(support::Crash how) {
    tell("crash");
    ++crash_count_;
    broker_.reset();
    threads_ = {&clients};
    disk.crash(how);
    clients.spawn(start_later());
}

asio::awaitable<void> Machine::start_later() {
    co_await pause(dice.happens(down_percent) ? dice.between(0, down_max_ms) : 0);
    if (dice.happens(10)) disk.die_at(static_cast<uint64_t>(dice.between(1, 100)));
    start();
}

asio::awaitable<void> Machine::pause(int64_t ms) {
    broker::Event never(clients.io(), timers);
    co_await never.wait_until(clock.now_ms() + ms);
}

// One step of one thread, any of them.
bool Machine::work() {
    const size_t first = dice.below(threads_.size());
    for (size_t i = 0; i < threads_.size(); ++i)
        if (threads_[(first + i) % threads_.size()]->work_once()) return true;
    return false;
}

std::optional<int64_t> Machine::next_deadline_ms() {
    std::optional<int64_t> next = timers.next_deadline_ms();
    if (!broker_) return next;
    for (const auto& shard : broker_->shards())
        if (const auto deadline = shard->timers.next_deadline_ms())
            next = std::min(next.value_or(*deadline), *deadline);
    return next;
}

void Machine::fire_timers() {
    clients.post([this] { timers.fire(); });
    if (!broker_) return;
    for (const auto& shard : broker_->shards()) shard->post([&shard] { shard->timers.fire(); });
}

void Machine::run_for(int64_t ms) {
    const int64_t end_ms = clock.now_ms() + ms;
    for (uint64_t steps = 0;;) {
        if (work()) {
            require(++steps < steps_at_once_max, "it never comes to rest");
            if (broker_ && disk.has_died()) crash();
            continue;
        }
        const auto next = next_deadline_ms();
        if (!next || *next > end_ms) break;
        if (*next > clock.now_ms()) steps = 0;
        clock.move_to(std::max(*next, clock.now_ms()));
        fire_timers();
    }
    clock.move_to(end_ms);
}

}  // namespace simulation
