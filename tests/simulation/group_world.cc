#include "tests/simulation/group_world.h"

#include <fmt/format.h>

#include <algorithm>

namespace simulation {

using namespace protocol;

namespace {

constexpr int64_t trouble_ms = 40'000;
constexpr int64_t calm_ms = 60'000;
constexpr int32_t session_timeout_ms = 3'000;
constexpr int64_t heartbeat_interval_ms = 500;
constexpr int client_count_max = 8;

group::GroupConfig make_config(uint64_t seed) {
    Dice dice(seed + 1);
    group::GroupConfig config{.group_min_session_timeout_ms = 1'000,
                              .group_consumer_session_timeout_ms = session_timeout_ms};
    if (dice.happens(30)) config.group_initial_rebalance_delay_ms = 600;
    if (dice.happens(30)) config.group_consumer_assignment_interval_ms = 700;
    if (dice.happens(20)) config.group_consumer_max_size = 4;
    if (dice.happens(30)) config.group_consumer_regex_refresh_interval_ms = 11'000;
    if (dice.happens(20)) config.group_consumer_assignors = {"range", "uniform"};
    if (dice.happens(10)) config.group_consumer_migration_policy.may_downgrade = false;
    return config;
}

}  // namespace

GroupWorld::GroupWorld(uint64_t seed) : dice_(seed), shell_(make_config(seed)) {}

void GroupWorld::run() {
    for (const char* name : {"t", "u"}) {
        topics_[name] = static_cast<int32_t>(dice_.between(1, 6));
        shell_.cluster().set_topic(name, topics_[name]);
    }
    const auto count = dice_.between(1, 4);
    for (int64_t i = 0; i < count; ++i)
        after(dice_.between(0, 5'000), [this] { start_some_client(); });
    after(300, [this] { make_trouble(); });
    run_until(start_ms_ + trouble_ms);
    start_client("");
    run_until(start_ms_ + trouble_ms + calm_ms);
    check();
    check_settled();
}

bool GroupWorld::in_trouble() const { return shell_.now_ms() < start_ms_ + trouble_ms; }

void GroupWorld::after(int64_t ms, std::function<void()> act) {
    agenda_.add(shell_.now_ms() + ms, std::move(act));
}

// --- What goes wrong ---------------------------------------------------------------------------

void GroupWorld::make_trouble() {
    if (!in_trouble()) return;
    after(300, [this] { make_trouble(); });
    check();
    // A batch is in the log or it is not.
    if (dice_.happens(8)) shell_.crash_next_append(dice_.happens(50) ? 0 : 1'000);
    if (dice_.happens(3)) shell_.restart();
    if (dice_.happens(4)) shell_.fail_next_append(ErrorCode::request_timed_out);
    if (dice_.happens(5)) change_topics();
    if (dice_.happens(6) && clients_.size() < client_count_max) start_some_client();
    if (clients_.empty()) return;
    Client& client = clients_[static_cast<int>(dice_.below(clients_.size()))];
    if (client.is_alive) trouble_a_client(client);
}

void GroupWorld::trouble_a_client(Client& client) {
    if (dice_.happens(6)) {
        die(client);
        if (dice_.happens(60) && clients_.size() < client_count_max)
            start_client(client.instance_id);
    } else if (dice_.happens(6)) {
        client.is_classic ? leave_classically(client) : leave(client);
    } else if (dice_.happens(6)) {
        choose_topics(client);
        ++client.wish;
        if (client.is_classic) join(client);
    }
}

void GroupWorld::change_topics() {
    const std::string name = dice_.happens(50) ? "t" : dice_.happens(50) ? "u" : "v";
    if (topics_.contains(name) && dice_.happens(25)) {
        topics_.erase(name);
        shell_.cluster().delete_topic(name);
        return;
    }
    topics_[name] += static_cast<int32_t>(dice_.between(1, 3));
    shell_.cluster().set_topic(name, topics_[name]);
}

void GroupWorld::start_some_client() {
    start_client(dice_.happens(30) ? "static-" + std::to_string(dice_.below(2)) : "");
}

void GroupWorld::start_client(std::string instance_id) {
    const int id = static_cast<int>(clients_.size());
    Client& client = clients_[id];
    client.id = id;
    client.is_classic = dice_.happens(40);
    if (!client.is_classic) client.member_id = "m" + std::to_string(id);
    client.instance_id = std::move(instance_id);
    if (dice_.happens(30)) client.assignor = dice_.happens(50) ? "range" : "uniform";
    choose_topics(client);
    live(id);
}

void GroupWorld::choose_topics(Client& client) {
    client.topics.clear();
    client.regex.clear();
    if (!client.is_classic && dice_.happens(25)) client.regex = dice_.happens(50) ? "[tv]" : ".*";
    if (client.regex.empty() || dice_.happens(20)) {
        client.topics.push_back("t");
        if (dice_.happens(70)) client.topics.push_back("u");
    }
}

void GroupWorld::live(int id) {
    Client& client = clients_[id];
    if (!client.is_alive) return;
    after(heartbeat_interval_ms, [this, id] { live(id); });
    if (in_trouble() && dice_.happens(10)) return;
    client.is_classic ? live_classically(client) : beat(client);
}

void GroupWorld::die(Client& client) {
    client.is_alive = false;
    client.owned.clear();
}

// --- The network -------------------------------------------------------------------------------

void GroupWorld::send(Client& client, Request request, int16_t version) {
    ++client.attempt;
    client.awaits_answer = true;
    const Client as_sent = client;
    if (in_trouble() && dice_.happens(5)) return;
    const bool is_late = in_trouble() && dice_.happens(5);
    after(dice_.between(1, is_late ? 2'500 : 20),
          [this, as_sent, request = std::move(request), version] {
              deliver(as_sent, request, version);
          });
}

void GroupWorld::deliver(const Client& as_sent, const Request& request, int16_t version) {
    Client& client = clients_[as_sent.id];
    if (as_sent.attempt < client.delivered) return;
    client.delivered = as_sent.attempt;
    waiting_.emplace(++last_token_, as_sent);
    shell_.apply(request(shell_.caller(last_token_, version)));
    check_owners();
    check_epochs();
}

void GroupWorld::dispatch_replies() {
    for (group::Reply& reply : shell_.take_replies()) {
        const auto asked = waiting_.extract(reply.token);
        require(!asked.empty(), "a request was answered twice");
        if (in_trouble() && dice_.happens(5)) continue;
        after(dice_.between(1, in_trouble() && dice_.happens(5) ? 1'000 : 20),
              [this, as_sent = asked.mapped(), response = std::move(reply.response)] {
                  receive(as_sent, response);
              });
    }
}

void GroupWorld::receive(const Client& as_sent, const group::Response& response) {
    Client& client = clients_[as_sent.id];
    if (!client.is_alive || client.attempt != as_sent.attempt) return;
    ++client.attempt;  // it has its answer
    client.awaits_answer = false;
    if (const auto* beat = std::get_if<ConsumerGroupHeartbeatResponse>(&response))
        receive_beat(client, as_sent, *beat);
    if (const auto* joined = std::get_if<JoinGroupResponse>(&response))
        receive_joined(client, *joined);
    if (const auto* synced = std::get_if<SyncGroupResponse>(&response))
        receive_assignment(client, *synced);
}

}  // namespace simulation
