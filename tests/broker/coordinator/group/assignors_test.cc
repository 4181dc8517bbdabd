// The server-side assignors and the hash of what a group subscribes to.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "broker/coordinator/group/consumer/assignor.h"
#include "broker/coordinator/group/consumer/subscriptions.h"
#include "broker/coordinator/group/consumer/xxh3.h"
#include "tests/broker/coordinator/group/group_shell.h"

using namespace broker::coordinator::group;
using protocol::Uuid;

namespace {

Uuid topic(uint8_t number) {
    Uuid id;
    id.bytes[15] = static_cast<std::byte>(number);
    return id;
}

// Members and what they ask for; assign() makes what it gives the next current assignment.
class Problem {
  public:
    void set_topic(uint8_t number, int32_t partition_count) {
        task_.partition_counts[topic(number)] = partition_count;
    }
    void set_member(const std::string& id, std::set<uint8_t> topics) {
        auto& member = task_.members[*ids_.insert(id).first];
        member.topics.clear();
        for (const uint8_t number : topics) member.topics.insert(topic(number));
    }
    void set_static(const std::string& id, const std::string& instance_id) {
        task_.members[*ids_.find(id)].instance_id = *ids_.insert(instance_id).first;
    }
    void remove_member(const std::string& id) {
        task_.members.erase(id);
        current_.erase(id);
    }
    void forget() { current_.clear(); }

    // "a 1[0 1] 2[0] b 1[2]".
    std::string assign(Assignor assignor) {
        task_.is_homogeneous = std::ranges::all_of(task_.members, [&](const auto& member) {
            return member.second.topics == task_.members.begin()->second.topics;
        });
        for (auto& [id, member] : task_.members) member.current = &current_[std::string(id)];
        const auto given = assignor(task_);
        moved_ = 0;
        std::string text;
        for (const auto& [id, member] : task_.members) {
            const auto owned = given.contains(id) ? given.at(id) : TopicPartitions{};
            moved_ += count_of(owned) - common(owned, current_[std::string(id)]);
            text += (text.empty() ? "" : " ") + std::string(id) + shown(owned);
        }
        for (const auto& [id, owned] : given) current_[std::string(id)] = owned;
        return text;
    }
    // Partitions that went to another member, or were nobody's, with the last assign().
    size_t moved() const { return moved_; }
    size_t smallest() const { return std::ranges::min(sizes()); }
    size_t largest() const { return std::ranges::max(sizes()); }

  private:
    static size_t count_of(const TopicPartitions& owned) {
        size_t count = 0;
        for (const auto& entry : owned) count += entry.second.size();
        return count;
    }
    static size_t common(const TopicPartitions& left, const TopicPartitions& right) {
        size_t count = 0;
        for (const auto& [id, partitions] : left)
            for (const int32_t partition : partitions)
                count += right.contains(id) && right.at(id).contains(partition);
        return count;
    }
    static std::string shown(const TopicPartitions& owned) {
        std::string text;
        for (const auto& [id, partitions] : owned) {
            if (partitions.empty()) continue;
            text += " " + std::to_string(std::to_integer<int>(id.bytes[15])) + "[";
            for (const int32_t partition : partitions)
                text += (text.back() == '[' ? "" : " ") + std::to_string(partition);
            text += "]";
        }
        return text;
    }
    std::vector<size_t> sizes() const {
        std::vector<size_t> sizes;
        for (const auto& [id, member] : task_.members)
            sizes.push_back(count_of(current_.at(std::string(id))));
        return sizes;
    }

    std::set<std::string> ids_;
    AssignmentTask task_;
    std::map<std::string, TopicPartitions> current_;
    size_t moved_ = 0;
};

}  // namespace

TEST_CASE("ranges of different topics go to the same members") {
    Problem problem;
    problem.set_topic(1, 3);
    problem.set_topic(2, 4);
    problem.set_member("a", {1, 2});
    problem.set_member("b", {1, 2});
    CHECK(problem.assign(assign_ranges) == "a 1[0 1] 2[0 1] b 1[2] 2[2 3]");
    problem.set_member("c", {2});
    CHECK(problem.assign(assign_ranges) == "a 1[0 1] 2[0 1] b 1[2] 2[2] c 2[3]");
}

TEST_CASE("static members come first among the ranges, by their instance ids") {
    Problem problem;
    problem.set_topic(1, 3);
    problem.set_member("a", {1});
    problem.set_member("b", {1});
    problem.set_member("c", {1});
    problem.set_static("b", "2");
    problem.set_static("c", "1");
    CHECK(problem.assign(assign_ranges) == "a 1[2] b 1[1] c 1[0]");
}

TEST_CASE("uniform shares differ by one at most and move as little as they can") {
    Problem problem;
    problem.set_topic(1, 5);
    problem.set_topic(2, 6);
    problem.set_member("a", {1, 2});
    CHECK(problem.assign(assign_uniformly) == "a 1[0 1 2 3 4] 2[0 1 2 3 4 5]");
    problem.set_member("b", {1, 2});
    problem.assign(assign_uniformly);
    CHECK(problem.moved() == 5);
    problem.set_member("c", {1, 2});
    problem.assign(assign_uniformly);
    CHECK(problem.moved() == 3);
    CHECK(problem.smallest() == 3);
    CHECK(problem.largest() == 4);
    problem.remove_member("a");
    problem.assign(assign_uniformly);
    CHECK(problem.largest() == 6);
    CHECK(problem.moved() == 4);
    problem.assign(assign_uniformly);
    CHECK(problem.moved() == 0);
}

TEST_CASE("members that ask for different topics share as evenly as those allow") {
    Problem problem;
    problem.set_topic(1, 4);
    problem.set_topic(2, 4);
    problem.set_member("a", {1, 2});
    problem.set_member("b", {1});
    CHECK(problem.assign(assign_uniformly) == "a 2[0 1 2 3] b 1[0 1 2 3]");
    problem.set_member("c", {2});
    problem.assign(assign_uniformly);
    CHECK(problem.smallest() == 2);
    CHECK(problem.largest() == 3);
    CHECK(problem.moved() <= 3);
    problem.set_member("b", {});
    problem.assign(assign_uniformly);
    CHECK(problem.assign(assign_uniformly) == "a 1[0 1 2 3] b c 2[0 1 2 3]");
}

TEST_CASE("an assignment that owns what is not there, or twice, is mended") {
    const TopicPartitions both{{topic(1), {0, 1, 9}}};
    AssignmentTask task;
    task.partition_counts[topic(1)] = 2;
    for (const char* id : {"a", "b"}) task.members[id] = {.topics = {topic(1)}, .current = &both};
    for (const bool is_homogeneous : {true, false}) {
        task.is_homogeneous = is_homogeneous;
        auto given = assign_uniformly(task);
        CHECK(given["a"].at(topic(1)).size() == 1);
        CHECK(given["b"].at(topic(1)).size() == 1);
        CHECK(given["a"] != given["b"]);
    }
}

TEST_CASE("nobody, and members that ask for nothing, get nothing") {
    CHECK(assign_uniformly({}).empty());
    CHECK(assign_ranges({}).empty());
    Problem problem;
    problem.set_member("a", {});
    CHECK(problem.assign(assign_uniformly) == "a");
    CHECK(problem.assign(assign_ranges) == "a");
}

TEST_CASE("XXH3 gives the sums of its reference, whatever the length") {
    protocol::Blob bytes;
    const auto grow = [&](size_t size) {
        while (bytes.size() < size) {
            const size_t n = bytes.size();
            bytes.push_back(static_cast<std::byte>(n * 131 + 7 * (n >> 3)));
        }
        return xxh3(bytes);
    };
    CHECK(grow(0) == 0x2d06800538d394c2);
    CHECK(grow(3) == 0x6811538b444fc6dc);
    CHECK(grow(8) == 0xe5b43ab074c9c13b);
    CHECK(grow(16) == 0x451cf66c0fa60009);
    CHECK(grow(31) == 0xf6c5252cd42870c6);
    CHECK(grow(100) == 0xed86246af95807f1);
    CHECK(grow(200) == 0xcc84c36103bc69ef);
    CHECK(grow(500) == 0x442b2efe8231e16d);
    CHECK(grow(2'000) == 0xc472b173ce95d028);
}

namespace {

// Two topics, the second in a rack.
class TwoTopics : public tests::TestCluster {
  public:
    std::optional<TopicView> find_topic(std::string_view name) const override {
        Uuid id;
        for (uint8_t i = 0; i < 8; ++i) {
            id.bytes[i] = static_cast<std::byte>(i + 0x01);
            id.bytes[i + 8] = static_cast<std::byte>(i + 0x11);
        }
        if (name == "t") return TopicView{id, "t", 2};
        if (name == "topic-\u00e9") return TopicView{id, "topic-\u00e9", 3};
        return std::nullopt;
    }
    std::vector<std::string> racks(const Uuid&, int32_t) const override { return racks_; }
    std::vector<std::string> racks_;
};

}  // namespace

TEST_CASE("the hash of a group's topics is Kafka's") {
    TwoTopics cluster;
    ConsumerMember member{.member_id = "a", .subscribed_topic_names = {"topic-\u00e9", "none"}};
    const MembersView members{{"a", &member}};
    CHECK(metadata_hash(members, {}, cluster) == static_cast<int64_t>(0xa7cde8c08b99748b));
    cluster.racks_ = {"rack1"};
    member.subscribed_topic_names = {"t"};
    CHECK(metadata_hash(members, {}, cluster) == static_cast<int64_t>(0x4292a91c165f1f6a));
    member.subscribed_topic_names = {"none"};
    CHECK(metadata_hash(members, {}, cluster) == 0);
}
