// Consumer groups of one member each, which commit an offset and send a heartbeat in turn.
#include <fmt/format.h>

#include <memory>

#include "protocol/messages/heartbeat.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/sync_group.h"
#include "tools/bench/load/commands.h"
#include "tools/bench/load/crowd.h"
#include "tools/bench/load/identity.h"
#include "tools/bench/load/meter.h"
#include "tools/bench/load/topic.h"

namespace bench {

namespace {

using protocol::ErrorCode;

constexpr int16_t join_version = 5;
constexpr int16_t sync_version = 3;
constexpr int16_t heartbeat_version = 3;
constexpr int16_t commit_version = 7;

struct GroupOptions {
    Topic topic;
    int groups = 1000;
    int64_t commits = 100'000;  // of all together
    double seconds_max = 60;
};

struct Rest {
    int64_t commits = 0;
    int64_t done = 0;
    Clock::time_point end;
};

class Member : public Conversation {
  public:
    Member(const Target& target, const GroupOptions& options, int number, Rest& rest)
        : Conversation(target),
          options_(options),
          rest_(rest),
          group_(fmt::format("{}-{}", options.topic.name, number)) {
        find_coordinator(connection(), CoordinatorOf::group, group_);
    }

    Bytes begin() override {
        if (step_ == Step::committing) return send(commit());
        return send(join());
    }

    Turn next(Bytes answer) override {
        switch (step_) {
            case Step::joining: return joined(answer);
            case Step::syncing: return synced(answer);
            case Step::committing: return {.frame = committed(answer)};
            case Step::beating: return beaten(answer);
        }
        return {};
    }

  private:
    enum class Step { joining, syncing, committing, beating };

    Bytes send(Blob frame) { return frame_ = std::move(frame); }

    template <class Request>
    static Blob frame_of(const Request& request, int16_t version) {
        return request_frame(Request::api_key, version,
                             protocol::encode_gathered(request, version));
    }

    Blob join() const {
        return frame_of(protocol::JoinGroupRequest{.group_id = group_,
                                                   .session_timeout_ms = 300'000,
                                                   .rebalance_timeout_ms = 300'000,
                                                   .member_id = member_,
                                                   .protocol_type = "consumer",
                                                   .protocols = {{.name = "range"}}},
                        join_version);
    }

    // A new member is told its id first and joins with it (KIP-394).
    Turn joined(Bytes answer) {
        const auto joined =
            Connection::decode_answer<protocol::JoinGroupResponse>(answer, join_version);
        member_ = joined.member_id;
        if (joined.error_code == ErrorCode::member_id_required) return {.frame = send(join())};
        if (is_not_ready(joined.error_code)) return {.frame = frame_, .later = true};
        require(joined.error_code, "joining a group");
        generation_ = joined.generation_id;
        step_ = Step::syncing;
        const protocol::SyncGroupRequest sync{.group_id = group_,
                                              .generation_id = generation_,
                                              .member_id = member_,
                                              .assignments = {{.member_id = member_}}};
        return {.frame = send(frame_of(sync, sync_version))};
    }

    Turn synced(Bytes answer) {
        require(
            Connection::decode_answer<protocol::SyncGroupResponse>(answer, sync_version).error_code,
            "syncing a group");
        step_ = Step::committing;
        return {};
    }

    Blob commit() {
        --rest_.commits;
        return frame_of(
            protocol::OffsetCommitRequest{
                .group_id = group_,
                .generation_id_or_member_epoch = generation_,
                .member_id = member_,
                .topics = {{.name = options_.topic.name,
                            .partitions = {{.partition_index = 0, .committed_offset = 1}}}}},
            commit_version);
    }

    Bytes committed(Bytes answer) {
        const auto committed =
            Connection::decode_answer<protocol::OffsetCommitResponse>(answer, commit_version);
        require(committed.topics.at(0).partitions.at(0).error_code, "committing an offset");
        ++rest_.done;
        step_ = Step::beating;
        return send(frame_of(
            protocol::HeartbeatRequest{
                .group_id = group_, .generation_id = generation_, .member_id = member_},
            heartbeat_version));
    }

    Turn beaten(Bytes answer) {
        require(Connection::decode_answer<protocol::HeartbeatResponse>(answer, heartbeat_version)
                    .error_code,
                "a heartbeat");
        step_ = Step::committing;
        if (rest_.commits <= 0 || Clock::now() >= rest_.end) return {};
        return {.frame = send(commit())};
    }

    const GroupOptions& options_;
    Rest& rest_;
    Step step_ = Step::joining;
    std::string group_;
    std::string member_;
    int32_t generation_ = -1;
    Blob frame_;
};

void run_groups(const Target& target, const GroupOptions& options) {
    create_topic(target, options.topic);
    Rest rest{.commits = options.commits};
    std::deque<Member> members;
    for (int number = 0; number < options.groups; ++number)
        members.emplace_back(target, options, number, rest);
    Figures figures;
    const Meter join_meter(target);
    converse(members);
    figures.set("joins_per_s", options.groups / join_meter.seconds());
    figures.set("join_cpu_us", join_meter.cpu_seconds() * 1e6 / options.groups);
    rest.end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                  std::chrono::duration<double>(options.seconds_max));
    const Meter meter(target);
    converse(members);
    const auto commits = static_cast<double>(rest.done);
    figures.set("commits_per_s", commits / meter.seconds());
    figures.set("cpu_us_per_commit", meter.cpu_seconds() * 1e6 / commits);
    figures.set("rss_mib", memory_mib(target, "VmRSS"));
    figures.print();
}

}  // namespace

void add_groups_command(CLI::App& app, const Target& target) {
    auto options = std::make_shared<GroupOptions>();
    CLI::App* command =
        app.add_subcommand("groups", "of one member each, which commits and sends heartbeats");
    command->add_option("--topic", options->topic.name, "created first");
    command->add_option("--groups", options->groups, "each with a connection of its own");
    command->add_option("--commits", options->commits, "of all together");
    command->add_option("--seconds-max", options->seconds_max, "after which it ends early");
    command->callback([options, &target] { run_groups(target, *options); });
}

}  // namespace bench
