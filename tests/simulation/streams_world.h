// The world of streams_group_simulation: one group of Kafka Streams instances, the topics that they
// need, and what goes wrong.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/broker/coordinator/group/group_shell.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/dice.h"

namespace simulation {

namespace group = broker::coordinator::group;

using TaskId = std::pair<std::string, int32_t>;

// What an instance's thread knows, and what it works on.
struct StreamsClient {
    int id = 0;
    std::string member_id;
    std::string instance_id;  // "": dynamic
    std::string process_id;
    int32_t topology_epoch = 0;
    int32_t epoch = 0;
    bool is_alive = true;
    bool awaits_answer = false;
    bool is_reconciling = false;  // lets go of tasks
    group::Tasks owned;
    uint64_t last_assignment = 0;  // that it was told: only that one it takes
    uint64_t attempt = 0;          // answers to earlier requests are ignored
    uint64_t delivered = 0;        // a connection keeps the order of its requests

    std::optional<std::string_view> instance() const {
        if (instance_id.empty()) return std::nullopt;
        return instance_id;
    }
};

class StreamsWorld {
  public:
    explicit StreamsWorld(uint64_t seed);
    void run();

  private:
    using Client = StreamsClient;
    using Described = protocol::StreamsGroupDescribeResponse::DescribedGroup;

    bool in_trouble() const;
    void after(int64_t ms, std::function<void()> act);
    void run_until(int64_t at_ms) {
        agenda_.run_until(at_ms, shell_, [this] { dispatch_replies(); });
    }

    // What goes wrong.
    void make_trouble();
    void trouble_a_client(Client& client);
    void change_topics();
    void delete_group();
    void start_client(std::string instance_id,
                      std::optional<int32_t> topology_epoch = std::nullopt);
    void live(int id);
    void die(Client& client);
    void calm_down();

    // The network: requests and answers are lost or late. No request comes twice by itself.
    void send_beat(Client& client, int32_t epoch, bool says_owned);
    void deliver(const Client& as_sent, int32_t epoch, bool says_owned);
    void dispatch_replies();
    void receive(const Client& as_sent, const group::StreamsHeartbeat& beat);
    void reconcile(Client& client, group::Tasks told);
    void begin_anew(Client& client);
    void leave(Client& client);
    // What the broker does about topics that are not there.
    void create_topics(const group::StreamsHeartbeat& beat);

    // What has to hold.
    void check();
    void check_replay() const;
    void check_tasks() const;
    void check_clients() const;
    void check_epochs();
    void check_settled() const;
    Described described() const;

    Dice dice_;
    tests::GroupShell shell_;
    const int64_t start_ms_ = shell_.now_ms();
    Agenda agenda_;
    std::map<int, Client> clients_;
    std::map<group::Token, Client> waiting_;  // as they were when they asked
    group::Token last_token_ = 0;
    std::map<std::string, int32_t> topics_;
    int32_t standby_replicas_ = 0;
    int32_t last_epoch_ = 0;
};

inline const std::string simulated_streams = "s";

}  // namespace simulation
