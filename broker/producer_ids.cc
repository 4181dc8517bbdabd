#include "broker/producer_ids.h"

#include "broker/metadata/controller.h"

namespace broker {

asio::awaitable<std::expected<void, protocol::ErrorCode>> ProducerIds::refill() {
    if (next_ < end_) co_return std::expected<void, protocol::ErrorCode>{};
    const auto block = co_await controller_.allocate_producer_ids();
    if (!block) co_return std::unexpected(block.error());
    // Somebody else on this shard may have refilled meanwhile: then that block is lost, harmlessly.
    next_ = block->first;
    end_ = block->end;
    co_return std::expected<void, protocol::ErrorCode>{};
}

}  // namespace broker
