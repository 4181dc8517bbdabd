// A consumer group under a bad network and a crashing broker, in virtual time: group_simulation
// FIRST_SEED COUNT. After the trouble every consumer must be stable, each partition have one owner;
// at all times offsets must be what a naive reading of the log says.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>

#include "broker/coordinator/group/group_records.h"
#include "protocol/codec.h"
#include "protocol/stored/consumer_protocol.h"
#include "tests/broker/coordinator/group/group_shell.h"
#include "tests/simulation/agenda.h"

namespace {

using namespace protocol;
using broker::coordinator::TopicPartition;
using simulation::Agenda;
using tests::GroupShell;
namespace group = broker::coordinator::group;

constexpr std::string_view group_id = "group";
constexpr std::string_view topic = "t";
constexpr int32_t partition_count = 6;
constexpr int64_t trouble_ms = 30'000;
constexpr int64_t calm_ms = 90'000;
constexpr int32_t session_timeout_ms = 3'000;
constexpr int32_t rebalance_timeout_ms = 5'000;
constexpr int64_t heartbeat_interval_ms = 1'000;
constexpr int64_t patience_ms = rebalance_timeout_ms + 4'000;

uint64_t current_seed = 0;

void require(bool condition, const std::string& what) {
    if (condition) return;
    std::fprintf(stderr, "seed %llu: %s\nagain: group_simulation %llu 1\n",
                 static_cast<unsigned long long>(current_seed), what.c_str(),
                 static_cast<unsigned long long>(current_seed));
    std::exit(1);
}

struct Consumer {
    int id = 0;
    std::string instance_id;  // "": dynamic
    std::string member_id;
    int32_t generation = -1;
    bool is_alive = true;
    bool is_stable = false;
    bool is_refused = false;  // the group is full
    std::set<int32_t> partitions;
    uint64_t attempt = 0;  // answers to earlier requests are ignored
    int64_t producer_id = 0;
    int transaction = 0;  // number of the last one that was begun
    bool has_open_transaction = false;

    std::optional<std::string_view> instance() const {
        if (instance_id.empty()) return std::nullopt;
        return instance_id;
    }
    std::string identity() const { return instance_id.empty() ? member_id : instance_id; }
};

class Simulation {
  public:
    explicit Simulation(uint64_t seed) : random_(seed), shell_(make_config()) {}
    void run();
    size_t step_count() const { return agenda_.count(); }
    size_t crash_count() const { return shell_.crash_count(); }
    size_t rebalance_count() const { return owners_.size(); }

  private:
    struct Waiting {
        int consumer;
        uint64_t attempt;
        std::string identity;
        int32_t generation;
    };
    using Request = std::function<group::Effects(const group::Caller&)>;
    // A generation is one only among the groups between two deletions.
    using Generation = std::pair<size_t, int32_t>;

    group::GroupConfig make_config();
    uint64_t below(uint64_t bound) { return random_() % bound; }
    bool one_in(uint64_t n) { return below(n) == 0; }
    bool in_trouble() const { return shell_.now_ms() < start_ms_ + trouble_ms; }
    void after(int64_t ms, std::function<void()> act) {
        agenda_.add(shell_.now_ms() + ms, std::move(act));
    }

    void run_until(int64_t at_ms) {
        agenda_.run_until(at_ms, shell_, [this] { dispatch_replies(); });
    }
    void start_consumer(std::string instance_id);
    void make_trouble();
    void send(Consumer& consumer, Request request);
    void deliver(int id, uint64_t attempt, const Request& request, int16_t version);
    void dispatch_replies();
    void receive(int id, uint64_t attempt, const group::Response& response);
    void receive(Consumer& consumer, const JoinGroupResponse& response);
    void receive(Consumer& consumer, const SyncGroupResponse& response);
    void receive(Consumer&, const LeaveGroupResponse&) {}
    void receive(Consumer&, const ConsumerGroupHeartbeatResponse&) {}
    void receive(Consumer&, const group::ShareHeartbeat&) {}
    void receive(Consumer&, const group::StreamsHeartbeat&) {}
    void receive(Consumer& consumer, const OffsetCommitResponse& response);
    void receive(Consumer& consumer, const TxnOffsetCommitResponse& response);
    void on_error(Consumer& consumer, ErrorCode error);
    void join(Consumer& consumer);
    void sync(Consumer& consumer, const JoinGroupResponse& joined);
    void leave(Consumer& consumer);
    void live(int id);
    void heartbeat(Consumer& consumer);
    void commit(Consumer& consumer);
    void commit_in_transaction(Consumer& consumer);
    void end_transaction(Consumer& consumer);
    void note_assignment(const Waiting& waiting, Bytes assignment);

    void check();
    void check_offsets(const group::GroupCoordinator& coordinator) const;
    void check_one_generation_valid() const;
    void check_replay_equals_live() const;
    void check_settled() const;
    size_t deletion_count() const;

    std::mt19937_64 random_;
    GroupShell shell_;
    const int64_t start_ms_ = shell_.now_ms();
    Agenda agenda_;
    std::map<int, Consumer> consumers_;
    std::map<group::Token, Waiting> waiting_;
    group::Token last_token_ = 0;
    int64_t last_offset_ = 0;
    int64_t last_producer_id_ = 100;
    std::map<Generation, std::map<int32_t, std::string>> owners_;
    std::set<std::tuple<std::string, std::string, int32_t>> ever_joined_;
    bool memory_is_ahead_ = false;  // an append failed, so that the log may lack the last state
};

group::GroupConfig Simulation::make_config() {
    group::GroupConfig config{.group_min_session_timeout_ms = 1'000};
    if (one_in(2)) config.group_initial_rebalance_delay_ms = static_cast<int32_t>(below(2'000));
    if (one_in(4)) config.group_max_size = 4;
    if (one_in(2)) {
        config.offsets_retention_ms = 5'000;
        config.offsets_retention_check_interval_ms = 2'000;
    }
    return config;
}

void Simulation::run() {
    const int count = 1 + static_cast<int>(below(4));
    for (int i = 0; i < count; ++i) {
        after(static_cast<int64_t>(below(5'000)),
              [this] { start_consumer(one_in(3) ? "static-" + std::to_string(below(2)) : ""); });
    }
    after(500, [this] { make_trouble(); });
    run_until(start_ms_ + trouble_ms);
    // Somebody who cannot be fenced by a late request of a consumer that has died.
    start_consumer("");
    run_until(start_ms_ + trouble_ms + calm_ms);
    check();
    check_settled();
}

void Simulation::start_consumer(std::string instance_id) {
    const int id = static_cast<int>(consumers_.size());
    Consumer& consumer = consumers_[id];
    consumer.id = id;
    consumer.instance_id = std::move(instance_id);
    consumer.producer_id = ++last_producer_id_;
    join(consumer);
    after(static_cast<int64_t>(below(1'000)), [this, id] { live(id); });
}

// Every half second something may go wrong that is not the network's fault.
void Simulation::make_trouble() {
    if (!in_trouble()) return;
    after(500, [this] { make_trouble(); });
    if (one_in(10)) shell_.crash_next_append(below(3));
    if (one_in(20)) shell_.restart();
    if (one_in(20)) {
        shell_.fail_next_append(one_in(2) ? ErrorCode::request_timed_out
                                          : ErrorCode::not_leader_or_follower);
        memory_is_ahead_ = true;
    }
    if (one_in(15)) shell_.apply(shell_.coordinator().topic_deleted(topic, {}));
    if (one_in(6)) check();
    if (consumers_.empty()) return;
    Consumer& consumer = consumers_[static_cast<int>(below(consumers_.size()))];
    if (!consumer.is_alive) return;
    if (one_in(15)) {
        consumer.is_alive = false;
        // Its process starts again, as the same static member or as a new dynamic one.
        if (one_in(2)) start_consumer(consumer.instance_id);
    } else if (one_in(20)) {
        leave(consumer);
    } else if (one_in(30) && consumers_.size() < 8) {
        start_consumer(consumer.instance_id);
    }
}

void Simulation::send(Consumer& consumer, Request request) {
    const int id = consumer.id;
    const uint64_t attempt = ++consumer.attempt;
    const auto version = static_cast<int16_t>(consumer.instance_id.empty() && id % 3 == 0 ? 3 : 9);
    const bool is_lost = in_trouble() && one_in(20);
    const int copies = is_lost ? 0 : in_trouble() && one_in(20) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        const bool is_late = in_trouble() && one_in(30);
        after(static_cast<int64_t>(1 + below(is_late ? 10'000 : 20)),
              [this, id, attempt, request, version] { deliver(id, attempt, request, version); });
    }
    after(patience_ms, [this, id, attempt] {
        Consumer& waited = consumers_[id];
        if (waited.is_alive && waited.attempt == attempt && !waited.is_stable) join(waited);
    });
}

void Simulation::deliver(int id, uint64_t attempt, const Request& request, int16_t version) {
    const Consumer& consumer = consumers_[id];
    waiting_[++last_token_] = {id, attempt, consumer.identity(), consumer.generation};
    shell_.apply(request(shell_.caller(last_token_, version)));
}

void Simulation::dispatch_replies() {
    for (group::Reply& reply : shell_.take_replies()) {
        const auto entry = waiting_.extract(reply.token);
        require(!entry.empty(), "a request was answered twice");
        const Waiting waiting = entry.mapped();
        if (const auto* sync = std::get_if<SyncGroupResponse>(&reply.response)) {
            if (sync->error_code == ErrorCode::none) note_assignment(waiting, sync->assignment);
        }
        if (in_trouble() && one_in(20)) continue;
        const auto delay = static_cast<int64_t>(1 + below(in_trouble() && one_in(30) ? 8'000 : 20));
        after(delay, [this, waiting, response = std::move(reply.response)] {
            receive(waiting.consumer, waiting.attempt, response);
        });
    }
}

void Simulation::receive(int id, uint64_t attempt, const group::Response& response) {
    Consumer& consumer = consumers_[id];
    if (!consumer.is_alive || consumer.attempt != attempt) return;
    std::visit([&](const auto& answer) { receive(consumer, answer); }, response);
}

void Simulation::receive(Consumer& consumer, const JoinGroupResponse& response) {
    if (response.error_code == ErrorCode::member_id_required) {
        consumer.member_id = response.member_id;
        return join(consumer);
    }
    if (response.error_code != ErrorCode::none) return on_error(consumer, response.error_code);
    consumer.member_id = response.member_id;
    consumer.generation = response.generation_id;
    ever_joined_.emplace(consumer.member_id, consumer.instance_id, consumer.generation);
    sync(consumer, response);
}

void Simulation::receive(Consumer& consumer, const SyncGroupResponse& response) {
    if (response.error_code != ErrorCode::none) return on_error(consumer, response.error_code);
    consumer.is_stable = true;
    consumer.is_refused = false;
    consumer.partitions.clear();
    for (const std::byte partition : response.assignment) {
        consumer.partitions.insert(std::to_integer<int32_t>(partition));
    }
}

void Simulation::receive(Consumer& consumer, const OffsetCommitResponse& response) {
    const auto error = response.topics.at(0).partitions.at(0).error_code;
    // The heartbeat will tell of a rebalance.
    if (error != ErrorCode::none && error != ErrorCode::rebalance_in_progress) {
        on_error(consumer, error);
    }
}

void Simulation::receive(Consumer& consumer, const TxnOffsetCommitResponse& response) {
    const auto error = response.topics.at(0).partitions.at(0).error_code;
    if (error != ErrorCode::none) on_error(consumer, error);
}

void Simulation::on_error(Consumer& consumer, ErrorCode error) {
    consumer.is_stable = false;
    consumer.is_refused = error == ErrorCode::group_max_size_reached;
    ++consumer.attempt;
    if (error == ErrorCode::fenced_instance_id) {
        consumer.is_alive = false;
        return;
    }
    if (error == ErrorCode::unknown_member_id || error == ErrorCode::illegal_generation ||
        error == ErrorCode::group_id_not_found) {
        consumer.member_id.clear();
        consumer.generation = -1;
    }
    const int id = consumer.id;
    const uint64_t attempt = consumer.attempt;
    after(static_cast<int64_t>(1 + below(200)), [this, id, attempt] {
        Consumer& waited = consumers_[id];
        if (waited.is_alive && waited.attempt == attempt) join(waited);
    });
}

void Simulation::join(Consumer& consumer) {
    consumer.is_stable = false;
    const Consumer as_sent = consumer;
    const Blob metadata = encode(ConsumerProtocolSubscription{.topics = {std::string(topic)}}, 0);
    Blob subscription{std::byte{0}, std::byte{0}};
    subscription.insert(subscription.end(), metadata.begin(), metadata.end());
    send(consumer, [this, as_sent, subscription](const group::Caller& caller) {
        JoinGroupRequest request{.group_id = group_id,
                                 .session_timeout_ms = session_timeout_ms,
                                 .rebalance_timeout_ms = rebalance_timeout_ms,
                                 .member_id = as_sent.member_id,
                                 .group_instance_id = as_sent.instance(),
                                 .protocol_type = "consumer",
                                 .protocols = {{"range", subscription}}};
        return shell_.coordinator().join_group(request, caller, shell_.make_uuid());
    });
}

void Simulation::sync(Consumer& consumer, const JoinGroupResponse& joined) {
    std::map<std::string, Blob> assignments;
    if (joined.leader == joined.member_id && !joined.skip_assignment) {
        for (int32_t partition = 0; partition < partition_count; ++partition) {
            const auto& member = joined.members.at(partition % joined.members.size());
            assignments[member.member_id].push_back(static_cast<std::byte>(partition));
        }
    }
    const Consumer as_sent = consumer;
    send(consumer, [this, as_sent, assignments](const group::Caller& caller) {
        SyncGroupRequest request{.group_id = group_id,
                                 .generation_id = as_sent.generation,
                                 .member_id = as_sent.member_id,
                                 .group_instance_id = as_sent.instance()};
        for (const auto& [member_id, assignment] : assignments) {
            request.assignments.push_back({member_id, assignment});
        }
        waiting_[caller.token].generation = as_sent.generation;
        waiting_[caller.token].identity = as_sent.identity();
        return shell_.coordinator().sync_group(request, caller);
    });
}

void Simulation::leave(Consumer& consumer) {
    const Consumer as_sent = consumer;
    consumer.is_alive = false;
    send(consumer, [this, as_sent](const group::Caller& caller) {
        LeaveGroupRequest request{.group_id = group_id, .member_id = as_sent.member_id};
        request.members.push_back({.member_id = as_sent.member_id});
        return shell_.coordinator().leave_group(request, caller);
    });
}

// What a consumer does all the time.
void Simulation::live(int id) {
    Consumer& consumer = consumers_[id];
    if (!consumer.is_alive) return;
    after(heartbeat_interval_ms, [this, id] { live(id); });
    if (!consumer.is_stable) return;
    heartbeat(consumer);
    if (!consumer.is_alive || !consumer.is_stable || consumer.partitions.empty()) return;
    if (one_in(3)) {
        commit(consumer);
    } else if (consumer.has_open_transaction && one_in(2)) {
        end_transaction(consumer);
    } else if (one_in(2)) {
        commit_in_transaction(consumer);
    }
}

void Simulation::heartbeat(Consumer& consumer) {
    if (in_trouble() && one_in(20)) return;
    const auto response = shell_.coordinator().heartbeat({.group_id = group_id,
                                                          .generation_id = consumer.generation,
                                                          .member_id = consumer.member_id,
                                                          .group_instance_id = consumer.instance()},
                                                         shell_.now_ms());
    if (response.error_code != ErrorCode::none) on_error(consumer, response.error_code);
}

void Simulation::commit(Consumer& consumer) {
    const Consumer as_sent = consumer;
    const int32_t partition = *consumer.partitions.begin();
    const int64_t offset = ++last_offset_;
    const int64_t retention_ms = one_in(8) ? 3'000 : -1;
    send(consumer, [=, this](const group::Caller& caller) {
        OffsetCommitRequest request{
            .group_id = group_id,
            .generation_id_or_member_epoch = as_sent.generation,
            .member_id = as_sent.member_id,
            .group_instance_id = as_sent.instance(),
            .retention_time_ms = retention_ms,
            .topics = {{.name = topic, .partitions = {{partition, offset}}}}};
        return shell_.coordinator().offset_commit(request, caller);
    });
}

void Simulation::commit_in_transaction(Consumer& consumer) {
    if (!consumer.has_open_transaction) {
        consumer.has_open_transaction = true;
        ++consumer.transaction;
    }
    const Consumer as_sent = consumer;
    const int32_t partition = *consumer.partitions.rbegin();
    const int64_t offset = ++last_offset_;
    send(consumer, [=, this](const group::Caller& caller) {
        TxnOffsetCommitRequest request{
            .group_id = group_id,
            .producer_id = as_sent.producer_id,
            .generation_id_or_member_epoch = as_sent.generation,
            .member_id = as_sent.member_id,
            .group_instance_id = as_sent.instance(),
            .topics = {{.name = topic, .partitions = {{partition, offset}}}}};
        // The partition's verification: a request of a transaction that has ended is not executed.
        const Consumer& now = consumers_[as_sent.id];
        if (!now.has_open_transaction || now.transaction != as_sent.transaction) {
            TxnOffsetCommitResponse refused{
                .topics = {{.name = std::string(topic),
                            .partitions = {{partition, ErrorCode::invalid_txn_state}}}}};
            return group::Effects{.replies = {{caller.token, std::move(refused)}}};
        }
        return shell_.coordinator().txn_offset_commit(request, caller);
    });
}

void Simulation::end_transaction(Consumer& consumer) {
    consumer.has_open_transaction = false;
    shell_.end_transaction(consumer.producer_id, one_in(2));
}

size_t Simulation::deletion_count() const {
    const Blob tombstone_key = group::group_tombstone(std::string(group_id)).key;
    return std::ranges::count_if(shell_.log(), [&](const GroupShell::Entry& entry) {
        return !entry.commits && !entry.record.value && entry.record.key == tombstone_key;
    });
}

void Simulation::note_assignment(const Waiting& waiting, Bytes assignment) {
    auto& owners = owners_[{deletion_count(), waiting.generation}];
    for (const std::byte byte : assignment) {
        const auto partition = std::to_integer<int32_t>(byte);
        const auto [owner, is_new] = owners.try_emplace(partition, waiting.identity);
        require(is_new || owner->second == waiting.identity,
                "partition " + std::to_string(partition) + " was assigned to " + owner->second +
                    " and " + waiting.identity + " in generation " +
                    std::to_string(waiting.generation));
    }
}

void Simulation::check() {
    check_offsets(shell_.coordinator());
    check_offsets(shell_.reloaded());
    check_one_generation_valid();
    if (!memory_is_ahead_) check_replay_equals_live();
}

// What a partition's offset is, read from the log in the simplest way.
struct NaiveOffset {
    std::optional<int64_t> visible;
    int64_t visible_at = -1;
    std::map<int64_t, std::pair<int64_t, int64_t>> pending;  // producer → offset, place in log
};

std::map<int32_t, NaiveOffset> naive_offsets(const std::vector<GroupShell::Entry>& log) {
    std::map<int32_t, NaiveOffset> offsets;
    for (size_t at = 0; at < log.size(); ++at) {
        const auto& entry = log[at];
        const auto place = static_cast<int64_t>(at);
        if (entry.commits) {
            for (auto& [partition, offset] : offsets) {
                const auto pending = offset.pending.extract(entry.producer_id);
                if (pending.empty() || !*entry.commits) continue;
                const auto& [value, value_at] = pending.mapped();
                if (value_at < offset.visible_at) continue;
                offset.visible = value;
                offset.visible_at = value_at;
            }
            continue;
        }
        std::optional<Bytes> value;
        if (entry.record.value) value = *entry.record.value;
        const auto record = group::read_record(entry.record.key, value);
        const auto* commit = std::get_if<group::OffsetRecord>(&*record);
        if (commit == nullptr) continue;
        NaiveOffset& offset = offsets[commit->partition.partition];
        if (!commit->value) {
            offset = {};
        } else if (entry.producer_id == -1) {
            offset.visible = commit->value->offset;
            offset.visible_at = place;
        } else {
            offset.pending[entry.producer_id] = {commit->value->offset, place};
        }
    }
    return offsets;
}

void Simulation::check_offsets(const group::GroupCoordinator& coordinator) const {
    auto expected = naive_offsets(shell_.log());
    OffsetFetchRequest::OffsetFetchRequestGroup request{.group_id = group_id};
    auto& asked = request.topics->emplace_back();
    asked.name = topic;
    for (int32_t i = 0; i < partition_count; ++i) asked.partition_indexes.push_back(i);
    for (const bool require_stable : {false, true}) {
        const auto response = coordinator.offset_fetch(request, require_stable);
        for (const auto& partition : response.topics.at(0).partitions) {
            const NaiveOffset& naive = expected[partition.partition_index];
            const bool unstable = require_stable && !naive.pending.empty();
            require(partition.committed_offset == (unstable ? -1 : naive.visible.value_or(-1)),
                    "partition " + std::to_string(partition.partition_index) + " has offset " +
                        std::to_string(partition.committed_offset));
            require((partition.error_code == ErrorCode::unstable_offset_commit) == unstable,
                    "a pending offset is taken for a stable one, or the other way round");
        }
    }
}

void Simulation::check_one_generation_valid() const {
    std::set<int32_t> valid;
    group::GroupCoordinator coordinator = shell_.coordinator();
    for (const auto& [member_id, instance_id, generation] : ever_joined_) {
        HeartbeatRequest request{
            .group_id = group_id, .generation_id = generation, .member_id = member_id};
        if (!instance_id.empty()) request.group_instance_id = instance_id;
        const auto response = coordinator.heartbeat(request, shell_.now_ms());
        if (response.error_code == ErrorCode::none) valid.insert(generation);
    }
    require(valid.size() <= 1, "two generations are valid");
}

void Simulation::check_replay_equals_live() const {
    const auto live = shell_.coordinator().describe(group_id, 6);
    if (live.group_state != "Stable" && live.group_state != "Dead") return;
    const auto replayed = shell_.reloaded().describe(group_id, 6);
    require(to_json(DescribeGroupsResponse{.groups = {live}}, 6) ==
                to_json(DescribeGroupsResponse{.groups = {replayed}}, 6),
            "what was replayed is not what was lived through");
}

void Simulation::check_settled() const {
    std::set<int32_t> owned;
    std::set<int32_t> generations;
    for (const auto& [id, consumer] : consumers_) {
        if (!consumer.is_alive || consumer.is_refused) continue;
        require(consumer.is_stable, "consumer " + std::to_string(id) + " is stuck");
        generations.insert(consumer.generation);
        for (const int32_t partition : consumer.partitions) {
            require(owned.insert(partition).second, "a partition has two owners");
        }
    }
    require(generations.size() == 1, "consumers have settled in different generations");
    require(owned.size() == partition_count, "a partition has no owner");
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count != 3) {
        std::fprintf(stderr, "usage: group_simulation FIRST_SEED COUNT\n");
        return 2;
    }
    const uint64_t first = std::strtoull(arguments[1], nullptr, 10);
    const uint64_t count = std::strtoull(arguments[2], nullptr, 10);
    size_t steps = 0;
    size_t crashes = 0;
    size_t generations = 0;
    for (uint64_t seed = first; seed < first + count; ++seed) {
        current_seed = seed;
        Simulation simulation(seed);
        simulation.run();
        steps += simulation.step_count();
        crashes += simulation.crash_count();
        generations += simulation.rebalance_count();
    }
    std::printf("seeds %llu to %llu: %zu steps, %zu crashes within an append, %zu generations\n",
                static_cast<unsigned long long>(first),
                static_cast<unsigned long long>(first + count - 1), steps, crashes, generations);
    return 0;
}
