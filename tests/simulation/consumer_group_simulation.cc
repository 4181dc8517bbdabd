// A consumer group (KIP-848) whose members come, go, crash and hear nothing for a while, some of
// them in the classic protocol; whose topics change, and whose coordinator crashes:
// consumer_group_simulation FIRST_SEED COUNT. At all times a partition has one owner, epochs rise,
// and what is replayed is what was lived through; after the trouble every partition is with a
// member that asks for it, within so many heartbeats.
#include <fmt/format.h>

#include <algorithm>

#include "protocol/codec.h"
#include "protocol/json_printer.h"
#include "tests/simulation/group_world.h"
#include "tests/simulation/seeds.h"

namespace simulation {

using namespace protocol;

ConsumerGroupDescribeResponse::DescribedGroup GroupWorld::described() const {
    return shell_.coordinator().describe_consumer_group(simulated_group);
}

void GroupWorld::check() {
    check_owners();
    check_classic_owners();
    check_replay();
    check_epochs();
}

void GroupWorld::check_replay() const {
    const auto live = described();
    const auto replayed = shell_.reloaded().describe_consumer_group(simulated_group);
    require(live.error_code == replayed.error_code, "a restart changes the protocol");
    if (live.error_code != ErrorCode::none) return;
    require(to_json(ConsumerGroupDescribeResponse{.groups = {live}}, 1) ==
                to_json(ConsumerGroupDescribeResponse{.groups = {replayed}}, 1),
            "what was replayed is not what was lived through");
}

void GroupWorld::check_owners() const {
    std::map<Partition, std::string> owners, targets;
    const auto now = described();
    for (const auto& member : now.members) {
        for (const auto& topic : member.assignment.topic_partitions)
            for (const int32_t partition : topic.partitions)
                require(
                    owners.emplace(Partition{topic.topic_id, partition}, member.member_id).second,
                    "a partition is " + member.member_id + "'s and another member's");
        for (const auto& topic : member.target_assignment.topic_partitions)
            for (const int32_t partition : topic.partitions)
                require(
                    targets.emplace(Partition{topic.topic_id, partition}, member.member_id).second,
                    "a partition is in two targets");
    }
    // What a client works on, as long as it is not fenced, nobody else has.
    for (const auto& [id, client] : clients_) {
        const auto member = std::ranges::find_if(now.members, [&](const auto& one) {
            return one.member_id == client.member_id && one.member_epoch == client.epoch;
        });
        if (!client.is_alive || member == now.members.end()) continue;
        for (const auto& partition : client.owned) {
            const auto owner = owners.find(partition);
            require(owner == owners.end() || owner->second == client.member_id,
                    client.member_id + " works on a partition of another member");
        }
    }
}

// In a classic group the members of one generation share.
void GroupWorld::check_classic_owners() const {
    if (described().error_code == ErrorCode::none) return;
    group::GroupCoordinator coordinator = shell_.coordinator();
    Partitions owned;
    for (const auto& [id, client] : clients_) {
        if (!client.is_alive || !client.is_settled) continue;
        const HeartbeatRequest request{.group_id = simulated_group,
                                       .generation_id = client.epoch,
                                       .member_id = client.member_id,
                                       .group_instance_id = client.instance()};
        const auto error = coordinator.heartbeat(request, shell_.now_ms()).error_code;
        if (error != ErrorCode::none && error != ErrorCode::rebalance_in_progress) continue;
        for (const auto& partition : client.owned)
            require(owned.insert(partition).second, "a partition has two owners");
    }
}

void GroupWorld::check_epochs() {
    const auto now = described();
    if (now.error_code != ErrorCode::none) {
        last_epoch_ = 0;  // a classic group that was empty begins anew
        return;
    }
    require(now.group_epoch >= last_epoch_, "the group's epoch has gone back");
    require(now.assignment_epoch <= now.group_epoch, "an assignment is ahead of its group");
    last_epoch_ = now.group_epoch;
    for (const auto& member : now.members)
        require(member.member_epoch <= now.assignment_epoch, "a member is ahead of its assignment");
}

Partitions GroupWorld::partitions_asked_for(const Client& client) const {
    Partitions partitions;
    for (const auto& [name, count] : topics_) {
        const bool by_regex = client.regex == ".*" || (client.regex == "[tv]" && name != "u");
        if (!by_regex && std::ranges::count(client.topics, name) == 0) continue;
        for (int32_t i = 0; i < count; ++i) partitions.emplace(shell_.cluster().topic_id(name), i);
    }
    return partitions;
}

void GroupWorld::check_settled() const {
    const auto consumers = described();
    const bool is_classic = consumers.error_code != ErrorCode::none;
    const auto classic = shell_.coordinator().describe(simulated_group, 6);
    const std::string& state = is_classic ? classic.group_state : consumers.group_state;
    require(state == "Stable", "the group is " + state + " after all");
    const auto has_member = [&](const auto& members, const Client& client) {
        return std::ranges::any_of(
            members, [&](const auto& one) { return one.member_id == client.member_id; });
    };
    Partitions owned, wanted;
    for (const auto& [id, client] : clients_) {
        // The group may be full, or the instance id somebody else's.
        const bool is_member = is_classic ? has_member(classic.members, client)
                                          : has_member(consumers.members, client);
        if (!client.is_alive || !is_member) continue;
        require(is_classic || client.epoch == consumers.assignment_epoch,
                client.member_id + " is behind");
        require(!client.is_classic || client.is_settled, client.member_id + " is stuck");
        const auto own = partitions_asked_for(client);
        wanted.insert(own.begin(), own.end());
        for (const auto& partition : client.owned) {
            // A classic client sees by itself that a topic is gone.
            if (client.is_classic && !shell_.cluster().find_topic(partition.first)) continue;
            require(own.contains(partition) || is_classic, "a member has what it does not ask for");
            require(owned.insert(partition).second, "a partition has two owners");
        }
    }
    // A classic group does not look for new topics by itself: its leader does.
    require(is_classic || owned == wanted,
            fmt::format("{} partitions are wanted, {} are owned", wanted.size(), owned.size()));
}

}  // namespace simulation

int main(int argument_count, char** arguments) {
    return simulation::run_seeds(argument_count, arguments,
                                 [](uint64_t seed, bool) { simulation::GroupWorld(seed).run(); });
}
