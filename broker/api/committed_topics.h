// The part that OffsetCommit and TxnOffsetCommit share: topics that are not there are answered
// here, the others by the group coordinator under their names (KIP-516 has ids in new versions).
#pragma once

#include <algorithm>
#include <vector>

#include "broker/api/topic_lookup.h"
#include "broker/metadata/cluster_image.h"
#include "protocol/error.h"

namespace broker::api {

// Splits a request and joins the answer again. Request and Response are those of one of the two
// APIs; the refs keep the names alive that the split request views.
template <class Request, class Response>
class CommittedTopics {
  public:
    CommittedTopics(const metadata::ClusterImage& image, const Request& request, bool by_id)
        : request_(request), known_(request) {
        known_.topics.clear();
        for (const auto& asked : request.topics) {
            const auto topic = find_topic(image, by_id, asked.name, asked.topic_id);
            found_.push_back(topic);
            if (!topic) continue;
            auto known = asked;
            known.name = (*topic)->name;
            known.topic_id = (*topic)->id;
            std::erase_if(known.partitions, [&](const auto& partition) {
                return !is_there(**topic, partition.partition_index);
            });
            if (!known.partitions.empty()) known_.topics.push_back(std::move(known));
        }
    }

    // What the group coordinator is asked.
    const Request& known() const { return known_; }

    // The answer for every partition that was asked, in their order.
    Response join(const Response& answered) const {
        Response whole{.throttle_time_ms = answered.throttle_time_ms};
        auto part = answered.topics.begin();
        for (size_t i = 0; i < request_.topics.size(); ++i) {
            const auto& asked = request_.topics[i];
            if (found_[i] && asked.partitions.empty()) continue;
            auto& topic = whole.topics.emplace_back();
            topic.name = asked.name;
            topic.topic_id = asked.topic_id;
            bool has_part = false;
            size_t next = 0;
            for (const auto& partition : asked.partitions) {
                protocol::ErrorCode error = refusal(i, partition.partition_index);
                if (error == protocol::ErrorCode::none) {
                    has_part = true;
                    error = part->partitions[next++].error_code;
                }
                topic.partitions.push_back(
                    {.partition_index = partition.partition_index, .error_code = error});
            }
            if (has_part) ++part;
        }
        return whole;
    }

    // The same error for everything that could have been committed.
    Response refuse(protocol::ErrorCode error) const {
        Response answered;
        for (const auto& known : known_.topics) {
            auto& topic = answered.topics.emplace_back();
            for (const auto& partition : known.partitions)
                topic.partitions.push_back(
                    {.partition_index = partition.partition_index, .error_code = error});
        }
        return join(answered);
    }

  private:
    static bool is_there(const metadata::TopicImage& topic, int32_t partition) {
        return partition >= 0 && partition < topic.partition_count();
    }
    protocol::ErrorCode refusal(size_t topic, int32_t partition) const {
        if (!found_[topic]) return found_[topic].error();
        return is_there(**found_[topic], partition)
                   ? protocol::ErrorCode::none
                   : protocol::ErrorCode::unknown_topic_or_partition;
    }

    const Request& request_;
    Request known_;
    std::vector<std::expected<metadata::TopicRef, protocol::ErrorCode>> found_;
};

}  // namespace broker::api
