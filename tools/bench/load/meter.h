// What a load costs its broker, and the line that a run ends with.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/load/target.h"

namespace bench {

// From its making on: time, and the CPU time of the broker's process, which the kernel counts in
// nanoseconds, with that of threads that have ended.
class Meter {
  public:
    explicit Meter(const Target& target);

    double seconds() const;
    double cpu_seconds() const;

  private:
    double cpu_seconds_since_start() const;

    pid_t process_;
    double cpu_before_;
    Clock::time_point begin_;
};

// A value in MiB of /proc/PID/status: VmRSS, VmHWM. 0 without a process.
double memory_mib(const Target& target, std::string_view key);

// Figures by name, in the order of their names; printed as one line of JSON.
class Figures {
  public:
    void set(const std::string& name, double value) { values_[name] = value; }
    // CPU seconds for each GB of values, and what belongs to a throughput.
    void set_throughput(const Meter& meter, double records, double bytes);
    // NAME_p50_ms, _p99_ms, _p999_ms and _max_ms.
    void set_latencies(const std::string& name, std::vector<float> milliseconds);
    void print() const;

  private:
    std::map<std::string, double> values_;
};

}  // namespace bench
