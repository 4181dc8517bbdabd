#include "broker/coordinator/image_view.h"

#include <algorithm>

#include "broker/config/group_config.h"

namespace broker::coordinator {

namespace {

std::optional<group::TopicView> view_of(const metadata::TopicRef& topic) {
    if (!topic) return std::nullopt;
    return group::TopicView{topic->id, topic->name, topic->partition_count()};
}

}  // namespace

std::optional<group::TopicView> ImageView::find_topic(std::string_view name) const {
    return view_of(image_.find(name));
}

std::optional<group::TopicView> ImageView::find_topic(const protocol::Uuid& id) const {
    return view_of(image_.find(id));
}

void ImageView::for_each_topic_after(
    std::string_view name, const std::function<bool(const group::TopicView&)>& visit) const {
    image_.for_each_topic_after(
        name, [&](const metadata::TopicRef& topic) { return visit(*view_of(topic)); });
}

std::vector<std::string> ImageView::racks(const protocol::Uuid& topic_id, int32_t partition) const {
    const auto topic = image_.find(topic_id);
    if (!topic || partition < 0 || partition >= topic->partition_count()) return {};
    std::vector<std::string> racks;
    for (const int32_t replica : topic->partitions[static_cast<size_t>(partition)].replicas) {
        const auto* broker = image_.broker(replica);
        if (broker != nullptr && broker->rack) racks.push_back(*broker->rack);
    }
    std::ranges::sort(racks);
    return racks;
}

std::optional<int32_t> ImageView::group_setting(std::string_view group_id,
                                                std::string_view key) const {
    const auto& own = image_.configs(metadata::ConfigResource::group, std::string(group_id));
    return config::own_group_value(own, key, broker_values_);
}

std::optional<std::string> ImageView::group_text(std::string_view group_id,
                                                 std::string_view key) const {
    const auto& own = image_.configs(metadata::ConfigResource::group, std::string(group_id));
    const auto found = own.find(key);
    return found == own.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace broker::coordinator
