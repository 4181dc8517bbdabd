// The clients of consumer_group_simulation, in both protocols.
#include <algorithm>

#include "broker/coordinator/group/consumer_protocol.h"
#include "broker/coordinator/group/record_codec.h"
#include "tests/simulation/group_world.h"

namespace simulation {

using namespace protocol;

namespace {

constexpr int32_t session_timeout_ms = 3'000;
constexpr int32_t rebalance_timeout_ms = 4'000;
constexpr int16_t join_version = 9, sync_version = 5, leave_version = 5;

}  // namespace

// --- The protocol of consumer groups -----------------------------------------------------------

void GroupWorld::beat(Client& client) {
    // Who does not know whether it was heard says everything again.
    if (client.awaits_answer) client.told_wish = 0;
    send_beat(client, client.epoch, dice_.happens(50));
}

void GroupWorld::leave(Client& client) {
    const bool comes_back = !client.instance_id.empty() && dice_.happens(70);
    send_beat(client, comes_back ? group::static_leaving_epoch : group::leaving_epoch, false);
    die(client);
    if (comes_back) start_client(client.instance_id);
}

void GroupWorld::send_beat(Client& client, int32_t epoch, bool says_owned) {
    const Client as_sent = client;
    const auto request = [this, as_sent, epoch, says_owned](const group::Caller& caller) {
        ConsumerGroupHeartbeatRequest said{.group_id = simulated_group,
                                           .member_id = as_sent.member_id,
                                           .member_epoch = epoch,
                                           .instance_id = as_sent.instance()};
        const bool tells_everything =
            as_sent.told_wish != as_sent.wish || epoch == group::joining_epoch;
        if (tells_everything) {
            said.rebalance_timeout_ms = rebalance_timeout_ms;
            said.subscribed_topic_names = {as_sent.topics.begin(), as_sent.topics.end()};
            said.subscribed_topic_regex = as_sent.regex;
            if (!as_sent.assignor.empty()) said.server_assignor = as_sent.assignor;
        }
        if (says_owned || tells_everything) {
            said.topic_partitions.emplace();
            for (const auto& [topic_id, partition] : as_sent.owned)
                said.topic_partitions->push_back({topic_id, {partition}});
        }
        return shell_.coordinator().consumer_group_heartbeat(said, caller, shell_.make_uuid());
    };
    send(client, request, 1);
}

void GroupWorld::receive_beat(Client& client, const Client& as_sent,
                              const ConsumerGroupHeartbeatResponse& response) {
    switch (response.error_code) {
        case ErrorCode::none: break;
        case ErrorCode::fenced_member_epoch:
        case ErrorCode::unknown_member_id: return begin_anew(client);
        case ErrorCode::group_id_not_found: return begin_anew(client);
        case ErrorCode::fenced_instance_id: return die(client);
        default: client.told_wish = 0; return;  // it tries again
    }
    require(response.member_epoch >= client.epoch, "a member's epoch has gone back");
    client.told_wish = as_sent.wish;
    client.epoch = response.member_epoch;
    if (!response.assignment) return;
    Partitions told;
    for (const auto& topic : response.assignment->topic_partitions)
        for (const int32_t partition : topic.partitions) told.emplace(topic.topic_id, partition);
    reconcile(client.id, std::move(told));
}

// Letting go takes its time; what is new is taken at once afterwards.
void GroupWorld::reconcile(int id, Partitions told) {
    const Client& client = clients_[id];
    const bool lets_go = !std::ranges::includes(told, client.owned);
    const int64_t takes_ms = lets_go ? dice_.between(0, in_trouble() ? 1'500 : 300) : 0;
    after(takes_ms, [this, id, epoch = client.epoch, told = std::move(told)] {
        Client& now = clients_[id];
        if (now.is_alive && now.epoch == epoch) now.owned = told;
    });
}

void GroupWorld::begin_anew(Client& client) {
    client.epoch = group::joining_epoch;
    client.owned.clear();
    client.told_wish = 0;
}

// --- The classic protocol ----------------------------------------------------------------------

void GroupWorld::live_classically(Client& client) {
    if (!client.is_settled) {
        // A request may be lost, or its answer.
        if (!client.awaits_answer || dice_.happens(10)) join(client);
        return;
    }
    const HeartbeatRequest request{.group_id = simulated_group,
                                   .generation_id = client.epoch,
                                   .member_id = client.member_id,
                                   .group_instance_id = client.instance()};
    const auto answer = shell_.coordinator().heartbeat(request, shell_.now_ms());
    if (answer.error_code != ErrorCode::none) on_classic_error(client, answer.error_code);
}

void GroupWorld::on_classic_error(Client& client, ErrorCode error) {
    client.is_settled = false;
    client.owned.clear();
    if (error == ErrorCode::fenced_instance_id) return die(client);
    if (error == ErrorCode::unknown_member_id || error == ErrorCode::illegal_generation)
        client.member_id.clear();
    if (error == ErrorCode::rebalance_in_progress) join(client);
}

void GroupWorld::join(Client& client) {
    client.is_settled = false;
    client.owned.clear();
    const ConsumerProtocolSubscription subscription{.topics = client.topics};
    const Blob metadata = group::with_prefix(1, subscription, 1);
    const Client as_sent = client;
    const auto request = [this, as_sent, metadata](const group::Caller& caller) {
        const JoinGroupRequest said{.group_id = simulated_group,
                                    .session_timeout_ms = session_timeout_ms,
                                    .rebalance_timeout_ms = rebalance_timeout_ms,
                                    .member_id = as_sent.member_id,
                                    .group_instance_id = as_sent.instance(),
                                    .protocol_type = group::consumer_protocol_type,
                                    .protocols = {{"range", metadata}}};
        return shell_.coordinator().join_group(said, caller, shell_.make_uuid());
    };
    send(client, request, join_version);
}

void GroupWorld::receive_joined(Client& client, const JoinGroupResponse& response) {
    if (response.error_code == ErrorCode::member_id_required) {
        client.member_id = response.member_id;
        return join(client);
    }
    if (response.error_code != ErrorCode::none)
        return on_classic_error(client, response.error_code);
    client.member_id = response.member_id;
    client.epoch = response.generation_id;
    sync(client, response);
}

// The leader's: each topic's partitions in turn to those who ask for it.
std::map<std::string, Blob> GroupWorld::assignments(const JoinGroupResponse& joined) const {
    std::map<std::string, group::TopicPartitions> given;
    for (const auto& [name, count] : topics_) {
        std::vector<std::string> askers;
        for (const auto& member : joined.members) {
            const auto wanted = group::subscribed_topics_of(member.metadata);
            if (std::ranges::count(*wanted, name) > 0) askers.push_back(member.member_id);
        }
        for (int32_t i = 0; i < count && !askers.empty(); ++i)
            given[askers[static_cast<size_t>(i) % askers.size()]][shell_.cluster().topic_id(name)]
                .insert(i);
    }
    std::map<std::string, Blob> written;
    for (const auto& member : joined.members)
        written[member.member_id] =
            group::write_assignment(given[member.member_id], shell_.cluster(), member.metadata);
    return written;
}

void GroupWorld::sync(Client& client, const JoinGroupResponse& joined) {
    std::map<std::string, Blob> handed_in;
    if (joined.leader == joined.member_id && !joined.skip_assignment)
        handed_in = assignments(joined);
    const Client as_sent = client;
    const auto request = [this, as_sent, handed_in](const group::Caller& caller) {
        SyncGroupRequest said{.group_id = simulated_group,
                              .generation_id = as_sent.epoch,
                              .member_id = as_sent.member_id,
                              .group_instance_id = as_sent.instance()};
        for (const auto& [member_id, assignment] : handed_in)
            said.assignments.push_back({member_id, assignment});
        return shell_.coordinator().sync_group(said, caller);
    };
    send(client, request, sync_version);
}

void GroupWorld::receive_assignment(Client& client, const SyncGroupResponse& response) {
    if (response.error_code != ErrorCode::none)
        return on_classic_error(client, response.error_code);
    client.is_settled = true;
    client.owned.clear();
    if (response.assignment.empty()) return;
    const auto assignment = group::read_assignment(response.assignment);
    require(assignment.has_value(), "an assignment cannot be read");
    for (const auto& topic : assignment->assigned_partitions) {
        const auto found = shell_.cluster().find_topic(std::string_view(topic.topic));
        if (!found) continue;
        for (const int32_t partition : topic.partitions) client.owned.emplace(found->id, partition);
    }
}

// Static members go without a word.
void GroupWorld::leave_classically(Client& client) {
    const Client as_sent = client;
    const auto request = [this, as_sent](const group::Caller& caller) {
        const LeaveGroupRequest said{.group_id = simulated_group,
                                     .members = {{.member_id = as_sent.member_id}}};
        return shell_.coordinator().leave_group(said, caller);
    };
    if (client.instance_id.empty()) send(client, request, leave_version);
    die(client);
}

}  // namespace simulation
