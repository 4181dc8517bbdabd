#include "tests/simulation/machine.h"

#include <algorithm>
#include <sstream>

#include "tests/simulation/left_behind.h"

namespace simulation {

namespace {

constexpr int64_t down_max_ms = 3'000;
constexpr int down_percent = 30;
// More steps than that without any time passing: somebody runs in circles.
constexpr uint64_t steps_at_once_max = 1'000'000;

broker::config::BrokerConfig resolve(const Machine::Options& options) {
    auto resolved = broker::config::resolve_broker_config({.fixed = options.settings});
    require(resolved.has_value(), resolved ? "" : resolved.error().message);
    resolved->log.directories = options.directories;
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
      config_(resolve(options)),
      threads_{&clients} {
    // For every start: none may repeat what one before it has drawn.
    config_.seed = options.seed;
    if (!has_mounts()) return;
    for (const std::string& directory : config_.log.directories) disk.mount(directory);
}

Machine::~Machine() {
    broker_.reset();
    clients.drop_work();
}

void Machine::start() {
    require(!broker_, "it is started already");
    const std::string& first = config_.log.directories.front();
    if (has_mounts() && disk.is_away(first)) disk.bring_back(first);
    begin_life();
    broker_ = std::make_unique<broker::Broker>(config_, disk, clock, broker::Threads::callers);
    const auto started = broker_->start();
    if (disk.has_died() || (has_mounts() && disk.is_away(first))) return crash();
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
    at_end(/*is_clean=*/true);
    broker_.reset();
    threads_ = {&clients};
    tell("stopped");
    for (const std::string& directory : config_.log.directories) {
        check_left_behind(directory);
        if (disk.has_died()) {  // while it was looked at
            crash();
            return false;
        }
    }
    begin_life();
    return true;
}

void Machine::check_left_behind(const std::string& directory) {
    std::istringstream lines(
        violations_in(disk, directory, clock.now_ms(), config_.log.producer_id_expiration_ms));
    // Of one that was away, or goes away just now, nothing is promised.
    if (disk.has_died() || is_hurt(directory)) return;
    for (std::string line; std::getline(lines, line);)
        require(!line.starts_with("violation") || tolerates(line), "a clean stop leaves " + line);
}

void Machine::begin_life() {
    ++life_;
    if (!has_mounts()) return;
    for (const std::string& directory : config_.log.directories) {
        const uint64_t count = disk.outage_count(directory);
        outage_counts_[directory][life_] = count - (disk.is_away(directory) ? 1 : 0);
    }
}

bool Machine::was_hurt_in(const std::string& directory, uint64_t life) const {
    return has_mounts() && disk.outage_count(directory) > outage_counts_.at(directory).at(life);
}

void Machine::crash(support::Crash how) {
    tell("crash");
    ++crash_count_;
    at_end(/*is_clean=*/false);
    broker_.reset();
    begin_life();
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

void Machine::wait_for(asio::awaitable<void> work) {
    constexpr int64_t patience_ms = 600'000;
    bool is_done = false;
    const auto wrap = [](asio::awaitable<void> inner, bool& done) -> asio::awaitable<void> {
        co_await std::move(inner);
        done = true;
    };
    clients.spawn(wrap(std::move(work), is_done));
    const int64_t give_up_ms = clock.now_ms() + patience_ms;
    while (!is_done) {
        require(clock.now_ms() < give_up_ms, "it never ends");
        run_for(50);
    }
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
