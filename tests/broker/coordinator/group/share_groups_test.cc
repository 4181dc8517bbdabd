// Share groups (KIP-932): members and their assignments, and of which partitions the share
// coordinator is asked to keep state.
#include <doctest/doctest.h>

#include "tests/broker/coordinator/group/group_shell.h"

using protocol::ErrorCode;
using tests::GroupShell;
namespace group = broker::coordinator::group;

namespace {

using Topics = std::optional<std::vector<std::string_view>>;

// Talks as members do, and reads the answers as short texts: "a@2 t[0 1]" is the member a at epoch
// 2 with two partitions of t, "a@2" one that is told nothing of its partitions, "a@2 nothing" one
// that has none; "UNKNOWN_MEMBER_ID" an error.
class ShareConversation {
  public:
    explicit ShareConversation(int32_t partition_count, const group::GroupConfig& config = {})
        : shell_(config) {
        shell_.cluster().set_topic("t", partition_count);
    }

    GroupShell& shell() { return shell_; }

    std::string join(std::string_view member_id, Topics topics = {{"t"}}) {
        return say(member_id, 0, std::move(topics));
    }
    std::string say(std::string_view member_id, int32_t epoch, Topics topics = {}) {
        const protocol::ShareGroupHeartbeatRequest request{.group_id = "g",
                                                           .member_id = member_id,
                                                           .member_epoch = epoch,
                                                           .subscribed_topic_names = topics};
        shell_.apply(shell_.coordinator().share_group_heartbeat(request, shell_.caller(1, 1)));
        auto replies = shell_.take_replies();
        auto& beat = std::get<group::ShareHeartbeat>(replies.at(0).response);
        initialize = std::move(beat.initialize);
        if (beat.response.error_code != ErrorCode::none)
            return std::string(protocol::name(beat.response.error_code));
        std::string text = *beat.response.member_id + "@";
        text += std::to_string(beat.response.member_epoch);
        if (!beat.response.assignment) return text;
        if (beat.response.assignment->topic_partitions.empty()) return text + " nothing";
        for (const auto& topic : beat.response.assignment->topic_partitions)
            text += " " + name_of(topic.topic_id) + list(topic.partitions);
        return text;
    }
    // The share coordinator has done what it was asked last, or has failed.
    void initialized(bool is_done = true) {
        group::TopicPartitions partitions;
        for (const auto& [topic_id, offsets] : initialize->start_offsets)
            for (const auto& [partition, offset] : offsets) partitions[topic_id].insert(partition);
        shell_.apply(shell_.coordinator().share_state_initialized("g", partitions, is_done));
    }
    // "Stable 3/3 a@3 t[0 1]": state, group and assignment epoch, members.
    std::string describe() const { return described(shell_.coordinator()); }
    std::string described_after_restart() const { return described(shell_.reloaded()); }

    std::optional<group::ShareStateToInitialize> initialize;

  private:
    static std::string list(const std::vector<int32_t>& partitions) {
        std::string text;
        for (const int32_t partition : partitions)
            text += (text.empty() ? "" : " ") + std::to_string(partition);
        return "[" + text + "]";
    }
    std::string name_of(const protocol::Uuid& topic_id) const {
        const auto topic = shell_.cluster().find_topic(topic_id);
        return topic ? std::string(topic->name) : "?";
    }
    static std::string described(const group::GroupCoordinator& coordinator) {
        const auto found = coordinator.describe_share_group("g");
        if (found.error_code != ErrorCode::none)
            return std::string(protocol::name(found.error_code));
        std::string text = found.group_state + " " + std::to_string(found.group_epoch) + "/" +
                           std::to_string(found.assignment_epoch);
        for (const auto& member : found.members) {
            text += " " + member.member_id + "@" + std::to_string(member.member_epoch);
            for (const auto& topic : member.assignment.topic_partitions)
                text += " " + topic.topic_name + list(topic.partitions);
        }
        return text;
    }

    GroupShell shell_;
};

// With one member that has all of its partitions.
ShareConversation with_member(int32_t partition_count) {
    ShareConversation group(partition_count);
    group.join("a");
    group.initialized();
    group.say("a", 2);
    return group;
}

}  // namespace

TEST_CASE("a member gets partitions once the share coordinator has their state") {
    ShareConversation group(2);
    CHECK(group.join("a") == "a@2 nothing");
    REQUIRE(group.initialize);
    CHECK(group.initialize->state_epoch == 2);
    CHECK(group.initialize->start_offsets.begin()->second.size() == 2);
    CHECK(group.say("a", 2) == "a@2");
    CHECK_FALSE(group.initialize);  // it is under way
}

TEST_CASE("members share partitions where there are more of them than partitions") {
    auto group = with_member(1);
    CHECK(group.describe() == "Stable 3/3 a@3 t[0]");
    CHECK(group.join("b") == "b@4 t[0]");
    CHECK(group.say("a", 3) == "a@4");  // it keeps what it has
    CHECK(group.describe() == "Stable 4/4 a@4 t[0] b@4 t[0]");
}

TEST_CASE("partitions are divided among members, and go to the others when one leaves") {
    auto group = with_member(4);
    CHECK(group.join("b") == "b@4 t[0 1]");
    CHECK(group.say("a", 3) == "a@4 t[2 3]");
    CHECK(group.say("b", -1) == "b@-1");
    CHECK(group.say("a", 4) == "a@5 t[0 1 2 3]");
}

TEST_CASE("what could not be initialized is asked for again with the next heartbeat") {
    ShareConversation group(1);
    group.join("a");
    group.initialized(/*is_done=*/false);
    CHECK(group.say("a", 2) == "a@2");
    REQUIRE(group.initialize);
    group.initialized();
    CHECK(group.say("a", 2) == "a@3 t[0]");
}

TEST_CASE("an initialization that nobody hears of again is asked for after its interval") {
    ShareConversation group(1);
    group.join("a");
    group.shell().wait(29'999);
    group.say("a", 2);
    CHECK_FALSE(group.initialize);
    group.shell().wait(1);
    group.say("a", 2);
    CHECK(group.initialize);
}

TEST_CASE("new partitions of a topic are initialized and assigned, old ones left alone") {
    auto group = with_member(1);
    group.shell().cluster().set_topic("t", 2);
    CHECK(group.say("a", 3) == "a@4");
    REQUIRE(group.initialize);
    const auto& offsets = group.initialize->start_offsets.begin()->second;
    CHECK(offsets == std::map<int32_t, int64_t>{{1, -1}});
    group.initialized();
    CHECK(group.say("a", 4) == "a@5 t[0 1]");
}

TEST_CASE("a member of a share group that is not heard of is gone after its session") {
    auto group = with_member(1);
    group.join("b");
    group.shell().wait(30'000);
    group.say("a", 3);
    group.shell().wait(20'000);
    CHECK(group.describe() == "Stable 5/4 a@4 t[0]");
    CHECK(group.say("b", 4) == "UNKNOWN_MEMBER_ID");
}

TEST_CASE("a share member's epoch is the last one, or the one before whose answer was lost") {
    auto group = with_member(1);
    CHECK(group.say("a", 2) == "a@3");
    CHECK(group.say("a", 4) == "FENCED_MEMBER_EPOCH");
    CHECK(group.say("a", 1) == "FENCED_MEMBER_EPOCH");
    CHECK(group.say("nobody", 3) == "UNKNOWN_MEMBER_ID");
    CHECK(group.join("a") == "a@3 t[0]");
}

TEST_CASE("heartbeats of share groups that cannot be are refused") {
    ShareConversation group(1);
    CHECK(group.say("", 0, {{"t"}}) == "INVALID_REQUEST");
    CHECK(group.say(std::string(37, 'a'), 0, {{"t"}}) == "INVALID_REQUEST");
    CHECK(group.say("a", 0) == "INVALID_REQUEST");
    CHECK(group.say("a", 0, Topics::value_type{}) == "INVALID_REQUEST");
    CHECK(group.say("a", -2) == "INVALID_REQUEST");
    CHECK(group.say("a", 1) == "GROUP_ID_NOT_FOUND");
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
}

TEST_CASE("a full share group takes nobody in, but those who are there already") {
    ShareConversation group(1, {.group_share_max_size = 1});
    CHECK(group.join("a") == "a@2 nothing");
    CHECK(group.join("b") == "GROUP_MAX_SIZE_REACHED");
    CHECK(group.join("a") == "a@2 nothing");
}

TEST_CASE("a share group is one to all that read the log") {
    auto group = with_member(2);
    group.join("b");
    CHECK(group.described_after_restart() == group.describe());
    group.say("a", -1);
    group.say("b", -1);
    CHECK(group.describe() == "Empty 6/6");
    CHECK(group.described_after_restart() == group.describe());
}

TEST_CASE("a heartbeat of a share group whose records could not be appended has not happened") {
    ShareConversation group(1);
    group.shell().fail_next_append(ErrorCode::kafka_storage_error);
    CHECK(group.join("a") == "NOT_COORDINATOR");
    CHECK_FALSE(group.initialize);
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
    CHECK(group.join("a") == "a@2 nothing");
    CHECK(group.initialize);
}

TEST_CASE("a share group is none to the members and offsets of other groups") {
    auto group = with_member(1);
    auto& coordinator = group.shell().coordinator();
    const auto listed = coordinator.list({}, {});
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].group_type == "share");
    CHECK(coordinator.describe("g", 6).error_code == ErrorCode::group_id_not_found);
    CHECK(coordinator.describe_consumer_group("g").error_code == ErrorCode::group_id_not_found);
    CHECK(coordinator.delete_offsets("g", {}).error() == ErrorCode::group_id_not_found);
    CHECK(coordinator.delete_group("g").error() == ErrorCode::non_empty_group);
}

TEST_CASE("an empty share group is deleted with its state, which is noted first") {
    auto group = with_member(1);
    auto& coordinator = group.shell().coordinator();
    CHECK(coordinator.delete_share_state("g").error() == ErrorCode::non_empty_group);
    group.say("a", -1);
    auto state = coordinator.delete_share_state("g");
    REQUIRE(state);
    CHECK(state->partitions.size() == 1);
    group.shell().apply(std::move(state->effects));
    // Cut short, it is there to be done again.
    CHECK(coordinator.delete_share_state("g")->partitions.size() == 1);
    group.shell().apply(*coordinator.delete_group("g"));
    CHECK(group.describe() == "GROUP_ID_NOT_FOUND");
    CHECK(group.described_after_restart() == "GROUP_ID_NOT_FOUND");
}

TEST_CASE("offsets of an empty share group are set anew, and taken away") {
    auto group = with_member(1);
    auto& coordinator = group.shell().coordinator();
    const protocol::AlterShareGroupOffsetsRequest alter{
        .group_id = "g",
        .topics = {{.topic_name = "t",
                    .partitions = {{.partition_index = 0, .start_offset = 7},
                                   {.partition_index = 1, .start_offset = 7}}}}};
    CHECK(coordinator.alter_share_offsets(alter).error().error == ErrorCode::non_empty_group);
    group.say("a", -1);
    const auto altered = coordinator.alter_share_offsets(alter);
    REQUIRE(altered);
    CHECK(altered->initialize.start_offsets.begin()->second == std::map<int32_t, int64_t>{{0, 7}});
    const auto& answered = altered->response.responses.at(0).partitions;
    CHECK(answered.at(0).error_code == ErrorCode::none);
    CHECK(answered.at(1).error_code == ErrorCode::unknown_topic_or_partition);

    const protocol::DeleteShareGroupOffsetsRequest remove{.group_id = "g",
                                                          .topics = {{"t"}, {"unknown"}}};
    auto deleted = coordinator.delete_share_offsets(remove);
    REQUIRE(deleted);
    CHECK(deleted->partitions.size() == 1);
    CHECK(deleted->refused.at(0).error_code == ErrorCode::unknown_topic_or_partition);
    group.shell().apply(std::move(deleted->effects));
    CHECK(coordinator.initialized_share_partitions("g").empty());
}

TEST_CASE("of a topic that is deleted a share group has no state any more") {
    auto group = with_member(1);
    const auto topic_id = group.shell().cluster().topic_id("t");
    auto& coordinator = group.shell().coordinator();
    group.shell().apply(coordinator.topic_deleted("t", topic_id));
    CHECK(coordinator.initialized_share_partitions("g").empty());
}

TEST_CASE("a heartbeat looks at no topic of a share group where nothing has changed") {
    auto group = with_member(4);
    group.say("a", 3);
    auto& cluster = group.shell().cluster();
    cluster.set_group_setting("another", "share.session.timeout.ms", 50'000);
    const size_t before = cluster.lookup_count();
    CHECK(group.say("a", 3) == "a@3");
    CHECK(cluster.lookup_count() == before);
    cluster.set_topic("t", 5);
    group.say("a", 3);
    CHECK(cluster.lookup_count() > before);
    CHECK(group.initialize);
}

TEST_CASE("what a member of a settled share group asks for anew is initialized, too") {
    auto group = with_member(1);
    group.say("a", 3);
    group.shell().cluster().set_topic("u", 1);
    group.say("a", 3);
    CHECK_FALSE(group.initialize);
    group.say("a", 3, {{"t", "u"}});
    REQUIRE(group.initialize);
    group.initialized();
    CHECK(group.say("a", 4) == "a@5 t[0] u[0]");
}
