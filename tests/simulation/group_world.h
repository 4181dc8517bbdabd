// The world of consumer_group_simulation: one group, clients of both protocols, and what goes
// wrong.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/broker/coordinator/group/group_shell.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/dice.h"

namespace simulation {

namespace group = broker::coordinator::group;

using Partition = std::pair<protocol::Uuid, int32_t>;
using Partitions = std::set<Partition>;

// What a client knows, and what it works on.
struct GroupClient {
    int id = 0;
    bool is_classic = false;  // speaks JoinGroup and SyncGroup, and gives all up before it rejoins
    std::string member_id;
    std::string instance_id;  // "": dynamic
    std::vector<std::string> topics;
    std::string regex;
    std::string assignor;  // "": no wish
    int32_t epoch = 0;     // or generation
    bool is_alive = true;
    bool is_settled = false;  // classic: has its assignment
    bool awaits_answer = false;
    uint64_t wish = 1;       // rises when it asks for other topics
    uint64_t told_wish = 0;  // the coordinator has heard of; 0: it has to be told everything
    Partitions owned;
    uint64_t attempt = 0;    // answers to earlier requests are ignored
    uint64_t delivered = 0;  // a connection keeps the order of its requests

    std::optional<std::string_view> instance() const {
        if (instance_id.empty()) return std::nullopt;
        return instance_id;
    }
};

class GroupWorld {
  public:
    explicit GroupWorld(uint64_t seed);
    void run();

  private:
    using Client = GroupClient;
    using Request = std::function<group::Effects(const group::Caller&)>;

    bool in_trouble() const;
    void after(int64_t ms, std::function<void()> act);
    void run_until(int64_t at_ms) {
        agenda_.run_until(at_ms, shell_, [this] { dispatch_replies(); });
    }

    // What goes wrong.
    void make_trouble();
    void trouble_a_client(Client& client);
    void change_topics();
    void start_client(std::string instance_id);
    void start_some_client();
    void choose_topics(Client& client);
    void live(int id);
    void die(Client& client);

    // The network: requests and answers are lost or late. A client that has heard no answer says
    // everything again; no request comes twice by itself.
    void send(Client& client, Request request, int16_t version);
    void deliver(const Client& as_sent, const Request& request, int16_t version);
    void dispatch_replies();
    void receive(const Client& as_sent, const group::Response& response);

    // The protocol of consumer groups.
    void beat(Client& client);
    void leave(Client& client);
    void send_beat(Client& client, int32_t epoch, bool says_owned);
    void receive_beat(Client& client, const Client& as_sent,
                      const protocol::ConsumerGroupHeartbeatResponse& response);
    void reconcile(int id, Partitions told);
    void begin_anew(Client& client);

    // The classic protocol.
    void live_classically(Client& client);
    void join(Client& client);
    void receive_joined(Client& client, const protocol::JoinGroupResponse& response);
    void sync(Client& client, const protocol::JoinGroupResponse& joined);
    void receive_assignment(Client& client, const protocol::SyncGroupResponse& response);
    void leave_classically(Client& client);
    void on_classic_error(Client& client, protocol::ErrorCode error);
    std::map<std::string, protocol::Blob> assignments(
        const protocol::JoinGroupResponse& joined) const;

    // What has to hold.
    void check();
    void check_replay() const;
    void check_owners() const;
    void check_classic_owners() const;
    void check_epochs();
    void check_settled() const;
    Partitions partitions_asked_for(const Client& client) const;
    protocol::ConsumerGroupDescribeResponse::DescribedGroup described() const;

    Dice dice_;
    tests::GroupShell shell_;
    const int64_t start_ms_ = shell_.now_ms();
    Agenda agenda_;
    std::map<int, Client> clients_;
    std::map<group::Token, Client> waiting_;  // as they were when they asked
    group::Token last_token_ = 0;
    std::map<std::string, int32_t> topics_;
    int32_t last_epoch_ = 0;
};

inline const std::string simulated_group = "g";

}  // namespace simulation
