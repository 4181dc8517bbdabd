#include "broker/coordinator/group/consumer/subscriptions.h"

#include <algorithm>

#include "broker/coordinator/group/consumer/xxh3.h"

namespace broker::coordinator::group {

namespace {

// The bytes that Kafka hashes: numbers with their lowest byte first, texts in UTF-16.
class HashInput {
  public:
    template <class Integer>
    void add(Integer value) {
        for (size_t i = 0; i < sizeof value; ++i)
            bytes_.push_back(static_cast<std::byte>(static_cast<uint64_t>(value) >> (8 * i)));
    }

    void add_half(const protocol::Uuid& id, size_t at) {
        for (size_t i = 8; i-- > 0;) bytes_.push_back(id.bytes[at + i]);
    }

    void add(std::string_view text) {
        const size_t start = bytes_.size();
        for (size_t at = 0; at < text.size();) add_code_point(text, at);
        add(static_cast<int32_t>((bytes_.size() - start) / sizeof(char16_t)));
    }

    uint64_t hash() const { return xxh3(bytes_); }

  private:
    // Requires: valid UTF-8.
    void add_code_point(std::string_view text, size_t& at) {
        const auto lead = static_cast<uint8_t>(text[at++]);
        const size_t more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        uint32_t point = more == 0 ? lead : lead & (0x3fU >> more);
        for (size_t i = 0; i < more && at < text.size(); ++i)
            point = point << 6 | (static_cast<uint8_t>(text[at++]) & 0x3f);
        if (point >= 0x10000) {
            point -= 0x10000;
            add(static_cast<char16_t>(0xd800 + (point >> 10)));
            point = 0xdc00 + (point & 0x3ff);
        }
        add(static_cast<char16_t>(point));
    }

    std::vector<std::byte> bytes_;
};

constexpr uint8_t topic_hash_version = 0;

uint64_t topic_hash(const TopicView& topic, const ClusterView& cluster) {
    HashInput input;
    input.add(topic_hash_version);
    input.add_half(topic.id, 0);
    input.add_half(topic.id, 8);
    input.add(topic.name);
    input.add(topic.partition_count);
    for (int32_t partition = 0; partition < topic.partition_count; ++partition) {
        input.add(partition);
        for (const std::string& rack : cluster.racks(topic.id, partition)) {
            input.add(static_cast<int32_t>(rack.size()));
            input.add(std::string_view(rack));
        }
    }
    return input.hash();
}

void add_names(const ConsumerMember& member, const ConsumerGroup::ResolvedRegexes& resolved,
               TopicNames& names) {
    names.insert(member.subscribed_topic_names.begin(), member.subscribed_topic_names.end());
    if (member.subscribed_topic_regex.empty()) return;
    const auto regex = resolved.find(member.subscribed_topic_regex);
    if (regex != resolved.end())
        names.insert(regex->second.topics.begin(), regex->second.topics.end());
}

}  // namespace

MembersView members_with(const ConsumerGroup& group, const ConsumerMember* updated) {
    MembersView view;
    for (const auto& [member_id, member] : group.members()) view.emplace(member_id, &member);
    if (updated == nullptr) return view;
    if (updated->instance_id) {
        if (const auto* old = group.find_static(*updated->instance_id)) view.erase(old->member_id);
    }
    view.insert_or_assign(updated->member_id, updated);
    return view;
}

std::set<protocol::Uuid> subscribed_topic_ids(const ConsumerMember& member,
                                              const ConsumerGroup::ResolvedRegexes& resolved,
                                              const ClusterView& cluster) {
    TopicNames names;
    add_names(member, resolved, names);
    std::set<protocol::Uuid> ids;
    for (const std::string_view name : names) {
        if (const auto topic = cluster.find_topic(name)) ids.insert(topic->id);
    }
    return ids;
}

bool is_homogeneous(const MembersView& members) {
    return std::ranges::all_of(members, [&](const auto& entry) {
        const ConsumerMember& first = *members.begin()->second;
        return entry.second->subscribed_topic_names == first.subscribed_topic_names &&
               entry.second->subscribed_topic_regex == first.subscribed_topic_regex;
    });
}

int64_t metadata_hash(const MembersView& members, const ConsumerGroup::ResolvedRegexes& resolved,
                      const ClusterView& cluster) {
    TopicNames names;
    for (const auto& entry : members) add_names(*entry.second, resolved, names);
    return metadata_hash(names, cluster);
}

int64_t metadata_hash(const TopicNames& names, const ClusterView& cluster) {
    HashInput input;
    bool is_empty = true;
    for (const std::string_view name : names) {
        const auto topic = cluster.find_topic(name);
        if (!topic) continue;
        input.add(topic_hash(*topic, cluster));
        is_empty = false;
    }
    return is_empty ? 0 : static_cast<int64_t>(input.hash());
}

}  // namespace broker::coordinator::group
