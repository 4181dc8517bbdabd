// Consumer groups: sharing, rebalancing, and taking up where the group stopped.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "client.h"

using namespace interop;

namespace {

using Members = std::vector<std::unique_ptr<Consumer>>;

// Polls every member, so that all take part in a rebalance, and keeps what they read.
void poll_all(Members& members, std::vector<Record>& records) {
    for (auto& member : members) {
        while (auto record = member->poll(20)) records.push_back(std::move(*record));
    }
}

// Polls until the members share all of `partitions` in shares of the expected sizes.
void wait_for_shares(Members& members, std::vector<size_t> expected, std::vector<Record>& records) {
    wait_until("the group has settled in " + std::to_string(expected.size()), [&] {
        poll_all(members, records);
        std::vector<size_t> sizes;
        std::set<int32_t> all;
        for (auto& member : members) {
            const auto partitions = member->assignment();
            sizes.push_back(partitions.size());
            all.insert(partitions.begin(), partitions.end());
        }
        std::sort(sizes.begin(), sizes.end());
        size_t total = 0;
        for (size_t size : sizes) total += size;
        return sizes == expected && all.size() == total;
    });
}

std::unique_ptr<Consumer> join(const std::string& group, const std::string& topic,
                               Settings settings = {}) {
    settings.emplace("group.id", group);
    auto member = std::make_unique<Consumer>(settings);
    member->subscribe(topic);
    return member;
}

}  // namespace

TEST_CASE("three members share six partitions and take over those of one that leaves") {
    std::string assignor;
    for (const char* name : {"range", "roundrobin"}) {
        SUBCASE(name) { assignor = name; }
    }
    const auto topic = unique("shared");
    const auto group = unique("group");
    create_topic(topic, 6);
    const Settings settings{{"partition.assignment.strategy", assignor}};
    Members members;
    std::vector<Record> records;
    for (int i = 0; i < 3; ++i) members.push_back(join(group, topic, settings));
    wait_for_shares(members, {2, 2, 2}, records);

    Producer producer;
    for (int i = 0; i < 60; ++i) producer.produce(topic, "before " + std::to_string(i), i % 6);
    producer.flush();
    wait_until("the first records are read", [&] {
        poll_all(members, records);
        return records.size() >= 60;
    });
    std::vector<TopicPartition> places;
    for (int32_t partition = 0; partition < 6; ++partition)
        places.push_back({topic, partition, 10});
    const auto first_share = members[0]->assignment();
    for (auto& member : members) {
        std::vector<TopicPartition> own;
        for (int32_t partition : member->assignment()) own.push_back(places[partition]);
        member->commit(own);
    }
    members.erase(members.begin());  // Closes it, and so leaves.
    wait_for_shares(members, {3, 3}, records);
    for (int i = 0; i < 60; ++i) producer.produce(topic, "after " + std::to_string(i), i % 6);
    producer.flush();
    wait_until("the other records are read", [&] {
        poll_all(members, records);
        return records.size() >= 120;
    });
    std::set<std::string> values;
    for (const auto& record : records) values.insert(record.value.value());
    CHECK(records.size() == 120);
    CHECK(values.size() == 120);
    CHECK(first_share.size() == 2);
}

TEST_CASE("a group goes on where it committed, with the metadata it left") {
    const auto topic = unique("resumed");
    const auto group = unique("group");
    create_topic(topic);
    Producer producer;
    for (const auto& value : numbered("", 100)) producer.produce(topic, value);
    producer.flush();
    {
        Members members;
        members.push_back(join(group, topic));
        CHECK(members[0]->read(40).size() >= 40);
        members[0]->commit({{topic, 0, 40}});
    }
    CHECK(committed(group, topic) == 40);
    Members members;
    members.push_back(join(group, topic));
    const auto rest = members[0]->read(60);
    REQUIRE(rest.size() == 60);
    CHECK(rest.front().value == "40");
    CHECK(rest.back().value == "99");
}

TEST_CASE("a group that has committed nothing has no offset") {
    const auto topic = unique("untouched");
    create_topic(topic);
    CHECK(committed(unique("group"), topic) == RD_KAFKA_OFFSET_INVALID);
}

TEST_CASE("a static member that comes back keeps its partitions") {
    const auto topic = unique("static");
    const auto group = unique("group");
    create_topic(topic, 2);
    Members members;
    std::vector<Record> records;
    members.push_back(join(group, topic, {{"group.instance.id", "one"}}));
    members.push_back(join(group, topic, {{"group.instance.id", "two"}}));
    wait_for_shares(members, {1, 1}, records);
    const auto share = members[0]->assignment();
    const auto other = members[1]->assignment();
    members[0] = nullptr;
    members[0] = join(group, topic, {{"group.instance.id", "one"}});
    wait_for_shares(members, {1, 1}, records);
    CHECK(members[0]->assignment() == share);
    CHECK(members[1]->assignment() == other);
}
