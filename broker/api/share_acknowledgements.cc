#include "broker/api/share_acknowledgements.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "broker/shard.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using share::Acknowledgement;
using share::AcknowledgeType;

// What of a request decides whether an acknowledgement is sound.
struct Allowed {
    bool renewal = false;       // from version 2 on (KIP-1222)
    bool is_renew_ack = false;  // the request says that it renews
};

// Kafka's rules: ranges in ascending order, one type for all or one for each offset.
template <class Batch>
bool is_sound(const std::vector<Batch>& batches, const Allowed& allowed) {
    const auto last_type = allowed.renewal ? AcknowledgeType::renew : AcknowledgeType::reject;
    int64_t previous_last = -1;
    for (const Batch& batch : batches) {
        const auto& types = batch.acknowledge_types;
        if (batch.first_offset > batch.last_offset || batch.first_offset <= previous_last)
            return false;
        const auto offset_count = static_cast<uint64_t>(batch.last_offset - batch.first_offset) + 1;
        if (types.empty() || (types.size() > 1 && types.size() != offset_count)) return false;
        for (const int8_t type : types) {
            if (type < 0 || type > static_cast<int8_t>(last_type)) return false;
            if (type == static_cast<int8_t>(AcknowledgeType::renew) && !allowed.is_renew_ack)
                return false;
        }
        previous_last = batch.last_offset;
    }
    return true;
}

template <class Batch>
std::vector<Acknowledgement> acknowledgements(const std::vector<Batch>& batches) {
    std::vector<Acknowledgement> all;
    for (const Batch& batch : batches)
        all.push_back({{batch.first_offset, batch.last_offset}, batch.acknowledge_types});
    return all;
}

asio::awaitable<ErrorCode> acknowledge_here(Shard& owner, share::SharePartitionKey key,
                                            std::string member_id,
                                            std::vector<Acknowledgement> what) {
    const auto loaded = owner.share_partitions.find(key);
    if (!loaded) co_return ErrorCode::unknown_topic_or_partition;
    co_return co_await owner.share_partitions.acknowledge(loaded, std::move(member_id),
                                                          std::move(what));
}

template <class Topic, class Partition>
asio::awaitable<ErrorCode> acknowledge_partition(RequestContext& context,
                                                 const ShareSessionKey& key, const Topic& topic,
                                                 const Partition& partition, Allowed allowed) {
    const auto image = context.home.image.find(topic.topic_id);
    if (!image) co_return ErrorCode::unknown_topic_id;
    const auto& batches = partition.acknowledgement_batches;
    if (!is_sound(batches, allowed)) co_return ErrorCode::invalid_request;
    const int32_t index = partition.partition_index;
    if (index < 0 || index >= image->partition_count())
        co_return ErrorCode::unknown_topic_or_partition;
    Shard& owner = context.shards.owner_of(topic.topic_id, index);
    auto work = [&] {
        return acknowledge_here(owner, {key.group_id, topic.topic_id, index}, key.member_id,
                                acknowledgements(batches));
    };
    co_return co_await owner.run(std::move(work));
}

template <class Request>
asio::awaitable<std::vector<AcknowledgedPartition>> acknowledge_all(RequestContext& context,
                                                                    const ShareSessionKey& key,
                                                                    const Request& request) {
    const Allowed allowed{.renewal = context.version >= 2, .is_renew_ack = request.is_renew_ack};
    std::vector<AcknowledgedPartition> answers;
    for (const auto& topic : request.topics) {
        for (const auto& partition : topic.partitions) {
            if (partition.acknowledgement_batches.empty()) continue;
            const ErrorCode error =
                co_await acknowledge_partition(context, key, topic, partition, allowed);
            answers.push_back({topic.topic_id, partition.partition_index, error});
        }
    }
    co_return answers;
}

asio::awaitable<void> release_here(Shard& owner, share::SharePartitionKey key,
                                   std::string member_id) {
    if (const auto loaded = owner.share_partitions.find(key))
        (void)co_await owner.share_partitions.release(loaded, std::move(member_id));
}

}  // namespace

Shard& share_session_home(Shards& shards, std::string_view group_id) {
    return shards.at(std::hash<std::string_view>{}(group_id) % shards.count());
}

bool is_share_member_id(const std::optional<std::string_view>& member_id) {
    constexpr size_t uuid_text_size = 36;
    return member_id && !member_id->empty() && member_id->size() <= uuid_text_size;
}

asio::awaitable<std::vector<AcknowledgedPartition>> acknowledge_records(
    RequestContext& context, const ShareSessionKey& key,
    const protocol::ShareFetchRequest& request) {
    return acknowledge_all(context, key, request);
}

asio::awaitable<std::vector<AcknowledgedPartition>> acknowledge_records(
    RequestContext& context, const ShareSessionKey& key,
    const protocol::ShareAcknowledgeRequest& request) {
    return acknowledge_all(context, key, request);
}

asio::awaitable<void> end_share_session(RequestContext& context, ShareSessionKey key) {
    context.connection->share_sessions.erase({key.group_id, key.member_id});
    co_await end_share_session(context.shards, std::move(key), nullptr);
}

asio::awaitable<void> end_share_session(Shards& shards, ShareSessionKey key,
                                        const ConnectionState* connection) {
    Shard& home = share_session_home(shards, key.group_id);
    auto end = [&] { return home.share_sessions.end(key, connection); };
    const std::vector<ShareTarget> targets = co_await home.run(std::move(end));
    for (const ShareTarget& target : targets) {
        Shard& owner = shards.owner_of(target.topic_id, target.partition);
        auto release = [&] {
            return release_here(owner, {key.group_id, target.topic_id, target.partition},
                                key.member_id);
        };
        co_await owner.run(std::move(release));
    }
    auto is_over = [&] { return !home.share_sessions.has_group(key.group_id); };
    if (!co_await home.run(std::move(is_over))) co_return;
    for (const auto& shard : shards) {
        auto forget = [&] { shard->share_partitions.forget_unused(key.group_id); };
        co_await shard->run(std::move(forget));
    }
}

}  // namespace broker::api
