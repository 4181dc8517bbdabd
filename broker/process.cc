#include "broker/process.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace broker {

namespace {

sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

std::string last_error(const std::string& what) {
    return fmt::format("{}: {}", what, std::strerror(errno));
}

}  // namespace

void raise_open_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    // A refusal leaves the limit as it was, with which a broker can live.
    setrlimit(RLIMIT_NOFILE, &limit);
}

void hold_signals() {
    signal(SIGPIPE, SIG_IGN);
    const auto signals = stop_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void wait_for_stop() {
    const auto signals = stop_signals();
    int received = 0;
    sigwait(&signals, &received);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

std::expected<TemporaryDirectory, std::string> TemporaryDirectory::make() {
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    auto path = (parent / "einmal-XXXXXX").string();
    if (error || !mkdtemp(path.data())) return std::unexpected(last_error(path));
    return TemporaryDirectory(std::move(path));
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryDirectory& TemporaryDirectory::operator=(TemporaryDirectory&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::expected<std::string, std::string> read_text_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    // A directory opens, but cannot be read.
    if (!file || (file.peek() != EOF && !(text << file.rdbuf())) || file.bad()) {
        return std::unexpected(last_error(path));
    }
    return std::move(text).str();
}

std::expected<void, std::string> write_port_file(const std::string& path,
                                                 const std::vector<uint16_t>& ports) {
    const auto unfinished = path + ".tmp";
    std::ofstream file(unfinished);
    for (const auto port : ports) file << port << '\n';
    file.close();
    if (!file || std::rename(unfinished.c_str(), path.c_str()) != 0) {
        return std::unexpected(last_error(path));
    }
    return {};
}

}  // namespace broker
