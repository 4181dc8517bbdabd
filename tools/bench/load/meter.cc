#include "tools/bench/load/meter.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace bench {

Meter::Meter(const Target& target)
    : process_(target.process), cpu_before_(cpu_seconds_since_start()), begin_(Clock::now()) {}

double Meter::seconds() const {
    return std::chrono::duration<double>(Clock::now() - begin_).count();
}

double Meter::cpu_seconds() const { return cpu_seconds_since_start() - cpu_before_; }

double Meter::cpu_seconds_since_start() const {
    if (process_ == 0) return 0;
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(process_, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
        throw std::runtime_error("the broker's process is gone");
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double memory_mib(const Target& target, std::string_view key) {
    std::ifstream status(fmt::format("/proc/{}/status", target.process));
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key)) return std::stod(line.substr(key.size() + 1)) / 1024;
    return 0;
}

void Figures::set_throughput(const Meter& meter, double records, double bytes) {
    set("seconds", meter.seconds());
    set("mb_per_s", bytes / 1e6 / meter.seconds());
    set("cpu_s_per_gb", meter.cpu_seconds() / (bytes / 1e9));
    if (records == 0) return;  // nobody counted them: without a figure rather than with infinity
    set("records_per_s", records / meter.seconds());
    set("cpu_us_per_record", meter.cpu_seconds() * 1e6 / records);
}

void Figures::set_latencies(const std::string& name, std::vector<float> milliseconds) {
    if (milliseconds.empty()) return;
    std::ranges::sort(milliseconds);
    const auto at = [&](double part) {
        return milliseconds[static_cast<size_t>(part * static_cast<double>(milliseconds.size()))];
    };
    set(name + "_p50_ms", at(0.5));
    set(name + "_p99_ms", at(0.99));
    set(name + "_p999_ms", at(0.999));
    set(name + "_max_ms", milliseconds.back());
}

void Figures::print() const {
    std::string line;
    for (const auto& [name, value] : values_)
        line += fmt::format("{}\"{}\": {:.6g}", line.empty() ? "" : ", ", name, value);
    fmt::print("{{{}}}\n", line);
}

}  // namespace bench
