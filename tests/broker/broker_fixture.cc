#include "tests/broker/broker_fixture.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <future>
#include <latch>
#include <utility>

#include "broker/broker.h"
#include "broker/config/load.h"

namespace broker_fixture {

namespace {

broker::config::BrokerConfig resolve(const Values& settings, const std::string& directory) {
    Values given = settings;
    given["listeners"] = "PLAINTEXT://127.0.0.1:0";
    given.try_emplace("log.dirs", directory);
    auto loaded = broker::config::load_static_config({.command_line = given});
    REQUIRE_MESSAGE(loaded, loaded.error().message);
    auto resolved = broker::config::resolve_broker_config({.fixed = std::move(loaded->values)});
    REQUIRE_MESSAGE(resolved, resolved.error().message);
    return *std::move(resolved);
}

}  // namespace

TestBroker::TestBroker(Values settings)
    : TestBroker(std::make_unique<support::TemporaryDirectory>(), std::move(settings)) {}

TestBroker::TestBroker(std::unique_ptr<support::TemporaryDirectory> directory, Values settings)
    : temporary_(std::move(directory)), settings_(std::move(settings)) {
    start();
}

TestBroker::TestBroker(support::SimulatedFileSystem& disk, Values settings)
    : disk_(&disk), settings_(std::move(settings)) {
    start();
}

TestBroker::~TestBroker() {
    if (broker_) stop();
}

uint16_t TestBroker::port() const { return broker_->listeners().front()->port(); }

std::string TestBroker::directory() const { return temporary_ ? temporary_->path() : "data"; }

void TestBroker::start() {
    const std::string problem = try_start();
    REQUIRE_MESSAGE(problem.empty(), problem);
}

std::string TestBroker::try_start() {
    storage::FileSystem& files = disk_ ? *disk_ : storage::posix_file_system();
    broker_ = std::make_unique<broker::Broker>(resolve(settings_, directory()), files);
    const auto started = broker_->start();
    if (started) return {};
    broker_.reset();
    return started.error();
}

void TestBroker::stop() {
    broker_->stop();
    broker_.reset();
}

void TestBroker::restart(const Values& changed) {
    stop();
    for (const auto& [key, value] : changed) settings_[key] = value;
    start();
}

std::unique_ptr<TestBroker> TestBroker::crash() const {
    auto copy = std::make_unique<support::TemporaryDirectory>();
    while_nothing_works([&] {
        std::filesystem::copy(directory(), copy->path(), std::filesystem::copy_options::recursive);
    });
    return std::unique_ptr<TestBroker>(new TestBroker(std::move(copy), settings_));
}

void TestBroker::crash_on_simulated_disk(support::Crash how) {
    // From here on nothing that the old process does reaches the disk.
    run([this] { disk_->die_at(1); });
    stop();
    disk_->crash(how);
    start();
}

std::string TestBroker::start_another() const {
    broker::Broker other(resolve(settings_, directory()), storage::posix_file_system());
    const auto started = other.start();
    if (started) other.stop();
    return started ? "" : started.error();
}

void TestBroker::while_nothing_works(const std::function<void()>& work) const {
    const auto executors = broker_->executors();
    // Shared: a thread may still be leaving its wait when this one goes on.
    const auto waiting = std::make_shared<std::latch>(std::ssize(executors));
    const auto done = std::make_shared<std::latch>(1);
    for (broker::Executor* executor : executors)
        executor->post([waiting, done] {
            waiting->count_down();
            done->wait();
        });
    waiting->wait();
    work();
    done->count_down();
}

void TestBroker::run(const std::function<void()>& work) {
    std::promise<void> done;
    broker_->shards().first().post([&] {
        work();
        done.set_value();
    });
    done.get_future().get();
}

broker::Shard& TestBroker::shard() const { return broker_->shards().first(); }

Values on_one_and_three_threads() {
    std::string count = "1";
    SUBCASE("on one thread") { count = "1"; }
    SUBCASE("on three threads") { count = "3"; }
    return {{"einmal.threads", count}};
}

}  // namespace broker_fixture
