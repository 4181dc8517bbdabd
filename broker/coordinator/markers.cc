#include "broker/coordinator/markers.h"

#include "broker/shard.h"

namespace broker::coordinator {

asio::awaitable<protocol::ErrorCode> write_marker(Shards& shards, metadata::TopicRef topic,
                                                  int32_t partition, partition::Marker marker) {
    Shard& owner = shards.owner_of(topic->id, partition);
    auto write = [&owner, &topic, partition, &marker] {
        if (topic->name == metadata::offsets_topic)
            return owner.groups.end_transaction(partition, marker);
        const auto replica = owner.replicas.get(*topic, partition);
        if (!replica) return replica.error();
        const auto written = (*replica)->append_marker(marker, owner.clock.now_ms());
        return written ? protocol::ErrorCode::none : written.error();
    };
    co_return co_await owner.run(std::move(write));
}

}  // namespace broker::coordinator
