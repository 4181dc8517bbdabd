// What the group coordinator sees of the cluster: topics, and the settings of single groups.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types.h"

namespace broker::coordinator::group {

struct TopicView {
    protocol::Uuid id;
    std::string_view name;  // valid as long as the topic is
    int32_t partition_count = 0;
};

class ClusterView {
  public:
    virtual ~ClusterView() = default;

    virtual std::optional<TopicView> find_topic(std::string_view name) const = 0;
    virtual std::optional<TopicView> find_topic(const protocol::Uuid& id) const = 0;
    // By name, those after this one, as long as `visit` says true.
    virtual void for_each_topic_after(std::string_view name,
                                      const std::function<bool(const TopicView&)>& visit) const = 0;
    // Where the brokers stand that have a copy; sorted. Brokers without a rack do not count.
    virtual std::vector<std::string> racks(const protocol::Uuid& topic_id,
                                           int32_t partition) const = 0;
    // Rises with everything that changes.
    virtual int64_t version() const = 0;
    // The version since which no topic has been added.
    virtual int64_t last_topic_version() const = 0;
    // The version since which topics, their partitions, and the racks of these are as they are.
    virtual int64_t layout_version() const = 0;
    // A group's own value of "consumer.session.timeout.ms" and the like; nullopt: it has none.
    virtual std::optional<int32_t> group_setting(std::string_view group_id,
                                                 std::string_view key) const = 0;
    // The same for what is no such number, as it was set.
    virtual std::optional<std::string> group_text(std::string_view group_id,
                                                  std::string_view key) const = 0;
};

}  // namespace broker::coordinator::group
