// Talks to a coordinator as members of streams groups do, and reads the answers as short texts:
// "a@2 0[0 1] standby 1[0]" is the member a at epoch 2 with its active and standby tasks by
// subtopology, "a@2" one that is told nothing of its tasks, "a@2 nothing" one that has none;
// "UNKNOWN_MEMBER_ID" an error. What follows "!" is a status: "a@2 nothing !missing_source_topics".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/broker/coordinator/group/group_shell.h"

namespace tests {

using OwnedPartitions = std::map<std::string, std::vector<int32_t>>;

// A topology of subtopologies that each read a topic; what is not named is not there.
struct TestSubtopology {
    std::string id = "0";
    std::vector<std::string> sources = {"t"};
    std::vector<std::string> changelogs = {};
    std::vector<std::string> repartition_sources = {};
    std::vector<std::string> repartition_sinks = {};
};
struct TestTopology {
    int32_t epoch = 0;
    std::vector<TestSubtopology> subtopologies = {{}};
};

// What a heartbeat says; what is not set is not said.
struct StreamsBeat {
    std::string member_id;
    int32_t epoch = 0;
    std::string group_id = "g";
    std::optional<std::string> instance_id = {};
    std::optional<std::string> process_id = {};
    std::optional<std::string> rack_id = {};
    std::optional<TestTopology> topology = {};
    std::optional<OwnedPartitions> active = {};  // with it, that there are no tasks but those
    OwnedPartitions standby = {};
    std::optional<uint16_t> port = {};  // of an endpoint
    std::map<std::string, std::string> tags = {};
    std::optional<std::map<int32_t, int64_t>> offsets = {};  // of the tasks of subtopology 0
    int32_t endpoint_epoch = 0;
    int32_t rebalance_timeout_ms = -1;
    bool shutdown = false;
    int16_t version = 1;
};

class StreamsConversation {
  public:
    // With the topic t.
    explicit StreamsConversation(int32_t partition_count, const group::GroupConfig& config = {})
        : shell_(config) {
        shell_.cluster().set_topic("t", partition_count);
    }

    GroupShell& shell() { return shell_; }
    void set_topic(const std::string& name, int32_t partition_count) {
        shell_.cluster().set_topic(name, partition_count);
    }
    void wait(int64_t ms) { shell_.wait(ms); }
    // Those that the last answer asks for are made.
    void create_topics();

    std::string say(const StreamsBeat& beat);
    // Joins as a process of its own, with a rebalance timeout of ten seconds.
    std::string join(const std::string& member_id, TestTopology topology = {});
    std::string join_statically(const std::string& member_id, const std::string& instance_id);
    // Says nothing but the epoch, or also what it has.
    std::string beat(const std::string& member_id, int32_t epoch,
                     std::optional<OwnedPartitions> active = {});
    std::string leave(const std::string& member_id, int32_t epoch = -1,
                      std::optional<std::string> instance_id = {});

    // The last answer.
    const group::StreamsHeartbeat& answer() const { return answer_; }
    // "Stable 3/3 a@3 0[0 1] b@3 0[2]": state, group and assignment epoch, members.
    std::string describe(const std::string& group_id = "g") const;
    std::string targets() const;
    // What a coordinator knows that has read the log and nothing else.
    std::string described_after_restart() const;

    std::string commit(const std::string& member_id, int32_t epoch, int32_t partition,
                       int64_t offset, int16_t version = 9);
    std::string fetch(std::optional<std::string> member_id, int32_t epoch, int32_t partition);

  private:
    GroupShell shell_;
    group::Token token_ = 0;
    group::StreamsHeartbeat answer_;
};

}  // namespace tests
