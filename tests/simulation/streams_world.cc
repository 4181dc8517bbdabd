#include "tests/simulation/streams_world.h"

#include <fmt/format.h>

#include <algorithm>

namespace simulation {

using namespace protocol;

namespace {

constexpr int64_t trouble_ms = 40'000;
constexpr int64_t calm_ms = 60'000;
constexpr int32_t session_timeout_ms = 3'000;
constexpr int32_t rebalance_timeout_ms = 4'000;
constexpr int64_t heartbeat_interval_ms = 500;
constexpr int client_count_max = 8;
constexpr const char* repartition = "r";
constexpr const char* changelog = "c";

group::GroupConfig make_config(uint64_t seed) {
    Dice dice(seed + 1);
    group::GroupConfig config;
    config.group_streams_session_timeout_ms = session_timeout_ms;
    if (dice.happens(40)) config.group_streams_initial_rebalance_delay_ms = 600;
    if (dice.happens(30)) config.group_streams_assignment_interval_ms = 700;
    if (dice.happens(20)) config.group_streams_max_size = 4;
    if (dice.happens(30)) config.group_streams_num_standby_replicas = 1;
    return config;
}

// Reads t and u, sends on by another key, and counts.
StreamsGroupHeartbeatRequest::Topology topology(int32_t epoch) {
    StreamsGroupHeartbeatRequest::Topology topology{.epoch = epoch};
    topology.subtopologies.push_back({.subtopology_id = "0",
                                      .source_topics = {"t", "u"},
                                      .repartition_sink_topics = {repartition}});
    topology.subtopologies.push_back({.subtopology_id = "1",
                                      .state_changelog_topics = {{.name = changelog}},
                                      .repartition_source_topics = {{.name = repartition}}});
    return topology;
}

std::vector<StreamsGroupHeartbeatRequest::TaskIds> told(const group::TaskIds& tasks) {
    std::vector<StreamsGroupHeartbeatRequest::TaskIds> told;
    for (const auto& [subtopology_id, partitions] : tasks)
        told.push_back({subtopology_id, {partitions.begin(), partitions.end()}});
    return told;
}

group::TaskIds heard(const std::vector<StreamsGroupHeartbeatResponse::TaskIds>& told) {
    group::TaskIds tasks;
    for (const auto& [subtopology_id, partitions] : told)
        tasks[subtopology_id].insert(partitions.begin(), partitions.end());
    return tasks;
}

bool includes(const group::TaskIds& all, const group::TaskIds& some) {
    return std::ranges::all_of(some, [&](const auto& subtopology) {
        return std::ranges::all_of(subtopology.second, [&](int32_t partition) {
            return group::contains(all, subtopology.first, partition);
        });
    });
}

}  // namespace

StreamsWorld::StreamsWorld(uint64_t seed)
    : dice_(seed),
      shell_(make_config(seed)),
      standby_replicas_(make_config(seed).group_streams_num_standby_replicas) {}

void StreamsWorld::run() {
    for (const char* name : {"t", "u"}) {
        topics_[name] = static_cast<int32_t>(dice_.between(1, 5));
        shell_.cluster().set_topic(name, topics_[name]);
    }
    const auto count = dice_.between(1, 4);
    for (int64_t i = 0; i < count; ++i)
        after(dice_.between(0, 5'000), [this] { start_client(""); });
    after(300, [this] { make_trouble(); });
    run_until(start_ms_ + trouble_ms);
    calm_down();
    run_until(start_ms_ + trouble_ms + calm_ms);
    check();
    check_settled();
}

bool StreamsWorld::in_trouble() const { return shell_.now_ms() < start_ms_ + trouble_ms; }

void StreamsWorld::after(int64_t ms, std::function<void()> act) {
    agenda_.add(shell_.now_ms() + ms, std::move(act));
}

// --- What goes wrong ---------------------------------------------------------------------------

void StreamsWorld::make_trouble() {
    if (!in_trouble()) return;
    after(300, [this] { make_trouble(); });
    check();
    // A batch is in the log or it is not.
    if (dice_.happens(8)) shell_.crash_next_append(dice_.happens(50) ? 0 : 1'000);
    if (dice_.happens(3)) shell_.restart();
    if (dice_.happens(4)) shell_.fail_next_append(ErrorCode::request_timed_out);
    if (dice_.happens(5)) change_topics();
    if (dice_.happens(10)) delete_group();
    if (dice_.happens(4)) {
        standby_replicas_ = static_cast<int32_t>(dice_.between(0, 2));
        shell_.cluster().set_group_setting(simulated_streams, "streams.num.standby.replicas",
                                           standby_replicas_);
    }
    if (dice_.happens(6) && clients_.size() < client_count_max)
        start_client(dice_.happens(30) ? "static-" + std::to_string(dice_.below(2)) : "");
    if (clients_.empty()) return;
    Client& client = clients_[static_cast<int>(dice_.below(clients_.size()))];
    if (client.is_alive) trouble_a_client(client);
}

void StreamsWorld::trouble_a_client(Client& client) {
    if (dice_.happens(6)) {
        die(client);
        if (dice_.happens(60) && clients_.size() < client_count_max)
            start_client(client.instance_id);
    } else if (dice_.happens(6)) {
        leave(client);
    }
}

// Topics come, go and grow, also those that the group has had created: they do not fit any more.
void StreamsWorld::change_topics() {
    const std::vector<std::string> names = {"t", "t", "u", repartition, changelog};
    const std::string& name = names[dice_.below(names.size())];
    if (topics_.contains(name) && dice_.happens(40)) {
        topics_.erase(name);
        shell_.cluster().delete_topic(name);
        return;
    }
    topics_[name] += static_cast<int32_t>(dice_.between(1, 2));
    shell_.cluster().set_topic(name, topics_[name]);
}

// The next group may have another topology.
void StreamsWorld::delete_group() {
    auto deleted = shell_.coordinator().delete_group(simulated_streams);
    if (!deleted) return;
    shell_.apply(std::move(*deleted));
    check_epochs();  // before another group of the name begins
}

// An operator clears up: internal topics of the wrong size go, and somebody begins who knows the
// topology.
void StreamsWorld::calm_down() {
    for (const char* name : {repartition, changelog})
        if (topics_.erase(name) > 0) shell_.cluster().delete_topic(name);
    for (const char* name : {"t", "u"})
        if (!topics_.contains(name)) shell_.cluster().set_topic(name, topics_[name] = 2);
    const auto now = described();
    start_client("", now.topology ? now.topology->epoch : 1);
}

void StreamsWorld::start_client(std::string instance_id, std::optional<int32_t> topology_epoch) {
    const int id = static_cast<int>(clients_.size());
    Client& client = clients_[id];
    client.id = id;
    client.member_id = "m" + std::to_string(id);
    client.instance_id = std::move(instance_id);
    // Who takes a static member's place has its state directory.
    client.process_id = client.instance_id.empty() ? "p" + std::to_string(dice_.below(4))
                                                   : "p" + client.instance_id.substr(7);
    client.topology_epoch = topology_epoch.value_or(dice_.happens(85) ? 1 : 2);
    live(id);
}

void StreamsWorld::live(int id) {
    Client& client = clients_[id];
    if (!client.is_alive) return;
    after(heartbeat_interval_ms, [this, id] { live(id); });
    if (in_trouble() && dice_.happens(10)) return;
    // Who does not know whether it was heard says everything again; but what it has only when it
    // is done with what it was told, for it may be about to take more.
    const bool says_owned = client.awaits_answer || dice_.happens(50);
    send_beat(client, client.epoch, says_owned && !client.is_reconciling);
}

void StreamsWorld::leave(Client& client) {
    const bool comes_back = !client.instance_id.empty() && dice_.happens(70);
    send_beat(client, comes_back ? group::static_leaving_epoch : group::leaving_epoch, false);
    die(client);
    if (comes_back && clients_.size() < client_count_max) start_client(client.instance_id);
}

void StreamsWorld::die(Client& client) {
    client.is_alive = false;
    client.owned = {};
}

// --- The network -------------------------------------------------------------------------------

void StreamsWorld::send_beat(Client& client, int32_t epoch, bool says_owned) {
    ++client.attempt;
    client.awaits_answer = true;
    if (in_trouble() && dice_.happens(5)) return;
    const bool is_late = in_trouble() && dice_.happens(5);
    after(dice_.between(1, is_late ? 2'500 : 20),
          [this, as_sent = client, epoch, says_owned] { deliver(as_sent, epoch, says_owned); });
}

void StreamsWorld::deliver(const Client& as_sent, int32_t epoch, bool says_owned) {
    Client& client = clients_[as_sent.id];
    if (as_sent.attempt < client.delivered) return;
    client.delivered = as_sent.attempt;
    StreamsGroupHeartbeatRequest said{.group_id = simulated_streams,
                                      .member_id = as_sent.member_id,
                                      .member_epoch = epoch,
                                      .instance_id = as_sent.instance()};
    if (epoch == group::joining_epoch) {
        said.rebalance_timeout_ms = rebalance_timeout_ms;
        said.process_id = as_sent.process_id;
        said.topology = topology(as_sent.topology_epoch);
    }
    if (says_owned || epoch == group::joining_epoch) {
        said.active_tasks = told(as_sent.owned.active);
        said.standby_tasks = told(as_sent.owned.standby);
        said.warmup_tasks = told(as_sent.owned.warmup);
    }
    waiting_.emplace(++last_token_, as_sent);
    shell_.apply(shell_.coordinator().streams_group_heartbeat(said, shell_.caller(last_token_, 1)));
    check_tasks();
    check_clients();
    check_epochs();
}

void StreamsWorld::dispatch_replies() {
    for (group::Reply& reply : shell_.take_replies()) {
        const auto asked = waiting_.extract(reply.token);
        require(!asked.empty(), "a request was answered twice");
        const auto beat = std::get<group::StreamsHeartbeat>(std::move(reply.response));
        create_topics(beat);
        if (in_trouble() && dice_.happens(5)) continue;
        after(dice_.between(1, in_trouble() && dice_.happens(5) ? 1'000 : 20),
              [this, as_sent = asked.mapped(), beat] { receive(as_sent, beat); });
    }
}

void StreamsWorld::create_topics(const group::StreamsHeartbeat& beat) {
    for (const auto& [name, topic] : beat.topics_to_create) {
        if (in_trouble() && dice_.happens(10)) {
            shell_.coordinator().internal_topics_not_created(simulated_streams, {{name, "no room"}},
                                                             beat.creation_errors_until_ms);
            continue;
        }
        after(dice_.between(1, 50), [this, name, count = topic.partition_count] {
            if (topics_.contains(name)) return;
            topics_[name] = count;
            shell_.cluster().set_topic(name, count);
        });
    }
}

void StreamsWorld::receive(const Client& as_sent, const group::StreamsHeartbeat& beat) {
    Client& client = clients_[as_sent.id];
    if (!client.is_alive || client.attempt != as_sent.attempt) return;
    ++client.attempt;  // it has its answer
    client.awaits_answer = false;
    const auto& response = beat.response;
    switch (response.error_code) {
        case ErrorCode::none: break;
        case ErrorCode::fenced_member_epoch:
        case ErrorCode::unknown_member_id:
        case ErrorCode::group_id_not_found: return begin_anew(client);
        case ErrorCode::fenced_instance_id:
        // Its topology is not that of the group.
        case ErrorCode::invalid_request: return die(client);
        default: return;  // it tries again
    }
    require(response.member_epoch >= client.epoch, "a member's epoch has gone back");
    client.epoch = response.member_epoch;
    if (!response.active_tasks) return;
    reconcile(client, {.active = heard(*response.active_tasks),
                       .standby = heard(*response.standby_tasks),
                       .warmup = heard(*response.warmup_tasks)});
}

// Letting go takes its time; what is new is taken at once afterwards.
void StreamsWorld::reconcile(Client& client, group::Tasks told) {
    const uint64_t assignment = ++client.last_assignment;
    const bool lets_go = !includes(told.active, client.owned.active) ||
                         !includes(told.standby, client.owned.standby);
    client.is_reconciling = lets_go;
    if (!lets_go) {
        client.owned = std::move(told);
        return;
    }
    const int64_t takes_ms = dice_.between(0, in_trouble() ? 1'500 : 300);
    after(takes_ms, [this, id = client.id, assignment, told = std::move(told)] {
        Client& now = clients_[id];
        if (!now.is_alive || now.last_assignment != assignment) return;
        now.owned = told;
        now.is_reconciling = false;
    });
}

void StreamsWorld::begin_anew(Client& client) {
    client.epoch = group::joining_epoch;
    client.owned = {};
    client.is_reconciling = false;
    ++client.last_assignment;
}

}  // namespace simulation
