// What the members of a consumer group ask for, as topics that there are.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "broker/coordinator/group/cluster_view.h"
#include "broker/coordinator/group/consumer/consumer_group.h"

namespace broker::coordinator::group {

// The members of a group as they will be, by id. Owns nothing.
using MembersView = std::map<std::string_view, const ConsumerMember*>;

// The group's members with `updated` among them, in place of the one that had its id or its
// instance id. Nullptr: nobody changes.
MembersView members_with(const ConsumerGroup& group, const ConsumerMember* updated);

// The topics that a member asks for, by name and by regular expression, as far as there are any.
std::set<protocol::Uuid> subscribed_topic_ids(const ConsumerMember& member,
                                              const ConsumerGroup::ResolvedRegexes& resolved,
                                              const ClusterView& cluster);

// Whether all ask for the same.
bool is_homogeneous(const MembersView& members);

// Kafka's hash of the topics of these names: ids, names, partition counts and racks. 0 when there
// is none of them.
using TopicNames = std::set<std::string_view>;
int64_t metadata_hash(const TopicNames& names, const ClusterView& cluster);
// Of the topics that the members ask for.
int64_t metadata_hash(const MembersView& members, const ConsumerGroup::ResolvedRegexes& resolved,
                      const ClusterView& cluster);

}  // namespace broker::coordinator::group
