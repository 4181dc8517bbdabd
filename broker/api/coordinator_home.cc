#include "broker/api/coordinator_home.h"

#include "broker/broker.h"
#include "broker/coordinator/coordinator_partition.h"
#include "broker/shard.h"

namespace broker::api {

namespace {

std::expected<CoordinatorHome, protocol::ErrorCode> home_of(Shard& here,
                                                            std::string_view topic_name,
                                                            std::string_view key) {
    const auto topic = here.image.find(topic_name);
    if (!topic) return std::unexpected(protocol::ErrorCode::not_coordinator);
    const int32_t partition = coordinator::coordinator_partition(key, topic->partition_count());
    return CoordinatorHome{&here.shards.owner_of(topic->id, partition), partition};
}

}  // namespace

std::expected<CoordinatorHome, protocol::ErrorCode> group_home(Shard& here,
                                                               std::string_view group_id) {
    return home_of(here, metadata::offsets_topic, group_id);
}

std::expected<CoordinatorHome, protocol::ErrorCode> group_home(RequestContext& context,
                                                               std::string_view group_id) {
    return group_home(context.home, group_id);
}

std::expected<CoordinatorHome, protocol::ErrorCode> transaction_home(
    RequestContext& context, std::string_view transactional_id) {
    return home_of(context.home, metadata::transactions_topic, transactional_id);
}

int32_t group_partition(const RequestContext& context, std::string_view group_id) {
    const auto topic = context.home.image.find(metadata::offsets_topic);
    return coordinator::coordinator_partition(
        group_id,
        topic ? topic->partition_count() : context.broker.config().group.offsets_partition_count);
}

}  // namespace broker::api
