// Talks to a coordinator as members of consumer groups do, and reads the answers as short texts:
// "a@2 t[0 1]" is the member a at epoch 2 with two partitions of t, "a@2" one that is told nothing
// of its partitions, "a@2 nothing" one that has none; "UNKNOWN_MEMBER_ID" an error.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/broker/coordinator/group/group_shell.h"

namespace tests {

using Owned = std::map<std::string, std::vector<int32_t>>;

// What a heartbeat says; what is not set is not said.
struct Beat {
    std::string member_id;
    int32_t epoch = 0;
    std::string group_id = "g";
    std::optional<std::string> instance_id = {};
    std::optional<std::vector<std::string>> topics = {};
    std::optional<std::string> regex = {};
    std::optional<std::string> assignor = {};
    std::optional<Owned> owned = {};
    int32_t rebalance_timeout_ms = -1;
    int16_t version = 1;
};

class ConsumerConversation {
  public:
    explicit ConsumerConversation(const group::GroupConfig& config = {}) : shell_(config) {}

    GroupShell& shell() { return shell_; }
    void set_topic(const std::string& name, int32_t partition_count) {
        shell_.cluster().set_topic(name, partition_count);
    }
    void wait(int64_t ms) { shell_.wait(ms); }

    std::string say(const Beat& beat);
    // Joins with a rebalance timeout of ten seconds.
    std::string join(const std::string& member_id, std::vector<std::string> topics = {"t"});
    std::string join_statically(const std::string& member_id, const std::string& instance_id);
    // Says nothing but the epoch, or also what it owns.
    std::string beat(const std::string& member_id, int32_t epoch, std::optional<Owned> owned = {});
    std::string leave(const std::string& member_id, int32_t epoch = -1,
                      std::optional<std::string> instance_id = {});
    // The error of the last answer in words.
    const std::string& message() const { return message_; }

    // "Stable 3/3 a@3 t[0 1] b@3 t[2]": state, group and assignment epoch, members.
    std::string describe(const std::string& group_id = "g");
    // The members' target assignments.
    std::string targets(const std::string& group_id = "g");
    // What a coordinator knows that has read the log and nothing else.
    std::string described_after_restart(const std::string& group_id = "g");

    // The classic protocol's requests; the metadata of JoinGroup is a consumer's subscription.
    struct Join {
        std::string member_id;
        std::vector<std::string> topics = {"t"};
        Owned owned = {};
        std::optional<std::string> instance_id = {};
        std::string protocol = "range";
        int16_t version = 9;
    };
    // "a#2 range": the member id, its generation, the protocol.
    std::string join_classically(const Join& join);
    // "t[0 1]".
    std::string sync(const std::string& member_id, int32_t generation,
                     const std::map<std::string, Owned>& assignments = {});
    std::string heartbeat(const std::string& member_id, int32_t generation);
    std::string leave_classically(const std::string& member_id);

    std::string commit(const std::string& member_id, int32_t epoch, int32_t partition,
                       int64_t offset, int16_t version = 9);
    std::string fetch(std::optional<std::string> member_id, int32_t epoch, int32_t partition);

  private:
    std::string described(const group::GroupCoordinator& coordinator,
                          const std::string& group_id) const;
    std::string name_of(const protocol::Uuid& topic_id) const;
    // The answer to the request that has just been made, "waits" if there is none yet.
    template <class Response>
    std::optional<Response> answer_of(group::Token token);

    GroupShell shell_;
    group::Token token_ = 0;
    std::vector<group::Reply> replies_;
    std::string message_;
};

}  // namespace tests
