// The application of the exactly-once scenarios: reads records, writes each one anew, and commits
// both the results and its place in the input in one transaction. It can run in this process, or
// in one of its own that a test kills or suspends in the middle of its transaction.
#pragma once

#include <sys/types.h>

#include <string>

#include "client.h"

namespace interop {

/// What one run of the application works on.
struct Job {
    std::string transactional_id;
    std::string group;
    std::string input;
    std::string output;
    int count = 0;  // Records to copy in one transaction.
};

/// Copies `job.count` records in one transaction. Calls `before_commit` when everything is written
/// and flushed but not committed. Returns the outcome of the commit.
Outcome copy_in_transaction(const Job& job, const std::function<void()>& before_commit = [] {});

/// The application in its own process, which stops before its commit until it is told to go on.
class Process {
  public:
    explicit Process(const Job& job);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Waits for the next line that the process prints.
    std::string read_line() const;
    void send_signal(int signal) const;
    /// Lets it go on to its commit.
    void proceed() const;

  private:
    pid_t pid_ = -1;
    int input_ = -1;
    int output_ = -1;
};

/// The child's side of Process; returns the process's exit code.
int run_as_process(const Job& job);

}  // namespace interop
