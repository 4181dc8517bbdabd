// The consume-transform-produce application, in this process or as a child of it.
#include "application.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

extern char** environ;

namespace interop {

namespace {

void require_ok(const Outcome& outcome, const char* step) {
    require(outcome.ok(), std::string(step) + ": " + outcome.name);
}

}  // namespace

Outcome copy_in_transaction(const Job& job, const std::function<void()>& before_commit) {
    Consumer consumer({{"group.id", job.group}, {"isolation.level", "read_committed"}});
    Producer producer({{"transactional.id", job.transactional_id}});
    require_ok(producer.init_transactions(), "init_transactions");
    consumer.assign({{job.input, 0, RD_KAFKA_OFFSET_STORED}});

    require_ok(producer.begin(), "begin");
    int64_t next_offset = 0;
    for (int copied = 0; copied < job.count;) {
        const auto record = consumer.poll(100);
        if (!record) continue;
        producer.produce(job.output, "copy of " + record->value.value());
        next_offset = record->offset + 1;
        ++copied;
    }
    producer.flush();
    require_ok(producer.send_offsets({{job.input, 0, next_offset}}, consumer), "send_offsets");
    before_commit();
    return producer.commit();
}

int run_as_process(const Job& job) {
    const Outcome outcome = copy_in_transaction(job, [] {
        std::cout << "ready" << std::endl;
        std::string go;
        std::getline(std::cin, go);
    });
    std::cout << (outcome.ok() ? "committed" : outcome.name) << std::endl;
    return 0;
}

Process::Process(const Job& job) {
    int to_child[2];
    int from_child[2];
    require(pipe2(to_child, O_CLOEXEC) == 0 && pipe2(from_child, O_CLOEXEC) == 0, "pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from_child[1], STDOUT_FILENO);
    std::vector<std::string> words{
        "application", "--application", job.transactional_id,     job.group,
        job.input,     job.output,      std::to_string(job.count)};
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int failed =
        posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(to_child[0]);
    close(from_child[1]);
    input_ = to_child[1];
    output_ = from_child[0];
    require(failed == 0, "spawn");
}

Process::~Process() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(input_);
    close(output_);
}

std::string Process::read_line() const {
    std::string line;
    pollfd ready{output_, POLLIN, 0};
    char character = 0;
    while (true) {
        require(::poll(&ready, 1, deadline_ms) == 1, "the application printed nothing");
        if (read(output_, &character, 1) != 1 || character == '\n') return line;
        line += character;
    }
}

void Process::send_signal(int signal) const { require(kill(pid_, signal) == 0, "kill"); }

void Process::proceed() const { require(write(input_, "\n", 1) == 1, "write"); }

}  // namespace interop
