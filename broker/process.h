// What the broker asks of the operating system as a process: files, signals, a place to keep
// things.
#pragma once

#include <expected>
#include <string>
#include <vector>

namespace broker {

// Connections and segments are files: takes as many as the system lets this process have.
void raise_open_file_limit();

// Keeps SIGINT and SIGTERM for wait_for_stop(), and lets a write to a closed socket be an error
// instead of a signal. Requires: called before any thread is started.
void hold_signals();
// Returns at the first SIGINT or SIGTERM; another one then ends the process at once.
void wait_for_stop();

// A directory that is removed, with everything in it, when this goes.
class TemporaryDirectory {
  public:
    // Errors: what failed and where.
    static std::expected<TemporaryDirectory, std::string> make();
    TemporaryDirectory(TemporaryDirectory&& other) noexcept;
    TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept;
    ~TemporaryDirectory();

    const std::string& path() const { return path_; }

  private:
    explicit TemporaryDirectory(std::string path) : path_(std::move(path)) {}
    std::string path_;  // empty: moved from
};

std::expected<std::string, std::string> read_text_file(const std::string& path);
// One number a line. The file appears whole or not at all. Errors: what failed and where.
std::expected<void, std::string> write_port_file(const std::string& path,
                                                 const std::vector<uint16_t>& ports);

}  // namespace broker
