// The cluster's image as the group coordinator wants to see it.
#pragma once

#include "broker/config/config_values.h"
#include "broker/coordinator/group/cluster_view.h"
#include "broker/metadata/cluster_image.h"

namespace broker::coordinator {

class ImageView : public group::ClusterView {
  public:
    // Image and values outlive the view.
    ImageView(const metadata::ClusterImage& image, const config::BrokerValues& broker_values)
        : image_(image), broker_values_(broker_values) {}

    std::optional<group::TopicView> find_topic(std::string_view name) const override;
    std::optional<group::TopicView> find_topic(const protocol::Uuid& id) const override;
    void for_each_topic_after(
        std::string_view name,
        const std::function<bool(const group::TopicView&)>& visit) const override;
    std::vector<std::string> racks(const protocol::Uuid& topic_id,
                                   int32_t partition) const override;
    int64_t version() const override { return image_.offset(); }
    int64_t last_topic_version() const override { return image_.last_topic_offset(); }
    int64_t layout_version() const override { return image_.last_layout_offset(); }
    std::optional<int32_t> group_setting(std::string_view group_id,
                                         std::string_view key) const override;
    std::optional<std::string> group_text(std::string_view group_id,
                                          std::string_view key) const override;

  private:
    const metadata::ClusterImage& image_;
    const config::BrokerValues& broker_values_;
};

}  // namespace broker::coordinator
