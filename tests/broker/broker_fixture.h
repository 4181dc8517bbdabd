// A real broker inside the test's process: on the loopback interface, on a free port, on a
// directory of its own or on the test's disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "broker/config/config_values.h"
#include "storage/file_system.h"
#include "tests/support/simulated_file_system.h"
#include "tests/support/temporary_directory.h"

namespace broker {
class Broker;
struct Shard;
}  // namespace broker

namespace broker_fixture {

using broker::config::Values;

class TestBroker {
  public:
    // Starts in a new directory, with these settings and otherwise the defaults.
    explicit TestBroker(Values settings = {});
    // Starts on a disk that the test damages. Requires: one thread.
    explicit TestBroker(support::SimulatedFileSystem& disk, Values settings = {});
    // Stops as it is told to, if it runs.
    ~TestBroker();

    uint16_t port() const;
    // Of the data, in the file system that it was given.
    std::string directory() const;

    // A clean stop, and a start on the same directory with the settings changed.
    void restart(const Values& changed = {});
    void stop();
    // Why it cannot start; empty when it has.
    std::string try_start();
    // Another broker on a copy of the directory as it is now, which is what SIGKILL would leave.
    std::unique_ptr<TestBroker> crash() const;
    // The process dies with what it wrote so far, or the machine does with what it synced; another
    // one starts on the same disk.
    void crash_on_simulated_disk(support::Crash how = support::Crash::process_kill);

    // Why another broker cannot start on the same directory; empty when it can.
    std::string start_another() const;

    // Runs `work` on the broker's first thread, which alone may touch a simulated disk meanwhile.
    void run(const std::function<void()>& work);
    // The first shard, for what no client sees. Requires: called within run().
    broker::Shard& shard() const;

  private:
    TestBroker(std::unique_ptr<support::TemporaryDirectory> directory, Values settings);
    void start();
    // All of the broker's threads wait meanwhile, so that the directory does not change.
    void while_nothing_works(const std::function<void()>& work) const;

    std::unique_ptr<support::TemporaryDirectory> temporary_;
    support::SimulatedFileSystem* disk_ = nullptr;
    Values settings_;
    std::unique_ptr<broker::Broker> broker_;
};

// Runs the test case twice: on one thread, and on three.
Values on_one_and_three_threads();

}  // namespace broker_fixture
