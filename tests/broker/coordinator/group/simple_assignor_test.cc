// The assignor of share groups: everybody the same number, partitions shared where members are
// many.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/coordinator/group/share/simple_assignor.h"

namespace group = broker::coordinator::group;
using group::TopicPartitions;

namespace {

protocol::Uuid topic(int number) {
    protocol::Uuid id;
    id.bytes[0] = static_cast<std::byte>(number);
    return id;
}

struct Asking {
    std::string_view member_id;
    std::set<int> topics = {1};
    TopicPartitions current = {};
};

// Topic 1 has `count` partitions, topic 2 two.
group::GroupAssignment assign(const std::vector<Asking>& members, int32_t count,
                              bool is_homogeneous = true) {
    group::ShareAssignmentTask task{.is_homogeneous = is_homogeneous};
    for (const Asking& member : members) {
        auto& asks = task.members[member.member_id];
        for (const int number : member.topics) {
            asks.topics.insert(topic(number));
            for (int32_t i = 0; i < (number == 1 ? count : 2); ++i)
                task.assignable[topic(number)].insert(i);
        }
        asks.current = &member.current;
    }
    return group::assign_simply(task);
}

size_t count_of(const group::GroupAssignment& assignment, std::string_view member_id) {
    const auto member = assignment.find(member_id);
    size_t count = 0;
    if (member != assignment.end())
        for (const auto& [topic_id, partitions] : member->second) count += partitions.size();
    return count;
}

}  // namespace

TEST_CASE("simple: partitions are divided evenly") {
    const auto assignment = assign({{"a"}, {"b"}, {"c"}}, 6);
    for (const auto member : {"a", "b", "c"}) CHECK(count_of(assignment, member) == 2);
    std::set<int32_t> all;
    for (const auto& [member_id, partitions] : assignment)
        all.insert(partitions.at(topic(1)).begin(), partitions.at(topic(1)).end());
    CHECK(all.size() == 6);
}

TEST_CASE("simple: more members than partitions share them, each partition alike") {
    const auto assignment = assign({{"a"}, {"b"}, {"c"}, {"d"}}, 2);
    std::map<int32_t, int> members_of;
    for (const auto& [member_id, partitions] : assignment)
        for (const int32_t partition : partitions.at(topic(1))) ++members_of[partition];
    CHECK(members_of == std::map<int32_t, int>{{0, 2}, {1, 2}});
}

TEST_CASE("simple: partitions stay where they are, as long as that is fair") {
    const auto assignment =
        assign({{"a", {1}, {{topic(1), {0, 3}}}}, {"b", {1}, {{topic(1), {1}}}}}, 4);
    CHECK(assignment.at("a") == TopicPartitions{{topic(1), {0, 3}}});
    CHECK(assignment.at("b") == TopicPartitions{{topic(1), {1, 2}}});
}

TEST_CASE("simple: who has too much gives it up, and what is not asked for is lost") {
    const auto assignment =
        assign({{"a", {1}, {{topic(1), {0, 1, 2, 3}}, {topic(2), {0}}}}, {"b"}}, 4);
    CHECK(count_of(assignment, "a") == 2);
    CHECK(count_of(assignment, "b") == 2);
    CHECK_FALSE(assignment.at("a").contains(topic(2)));
}

TEST_CASE("simple: members that ask for different topics share each topic by itself") {
    const auto assignment =
        assign({{"a", {1}}, {"b", {2}}, {"c", {1, 2}}}, 2, /*is_homogeneous=*/false);
    CHECK(count_of(assignment, "a") == 1);
    CHECK(count_of(assignment, "b") == 1);
    CHECK(count_of(assignment, "c") == 2);
}

TEST_CASE("simple: any number of members and partitions leaves no partition without a member") {
    for (int32_t partitions = 1; partitions <= 7; ++partitions) {
        std::vector<Asking> members;
        std::vector<std::string> names = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
        for (const std::string& name : names) {
            members.push_back({name});
            const auto before = assign(members, partitions);
            for (Asking& member : members) {
                const auto had = before.find(member.member_id);
                if (had != before.end()) member.current = had->second;
            }
            const auto assignment = assign(members, partitions);
            std::set<int32_t> all;
            for (const auto& [member_id, of_member] : assignment)
                all.insert(of_member.at(topic(1)).begin(), of_member.at(topic(1)).end());
            CHECK(std::cmp_equal(all.size(), partitions));
            CHECK(assignment.size() == members.size());
        }
    }
}
