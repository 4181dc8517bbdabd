// Runs the group coordinators of one shard: appends what the state machines decide, replays it,
// answers the members that wait, and keeps their time. One coordinator per partition of
// __consumer_offsets that the shard owns.
//
// Requires: called on the shard.
#pragma once

#include <asio/awaitable.hpp>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "broker/clock.h"
#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/image_view.h"
#include "broker/coordinator/state_log.h"
#include "broker/event.h"

namespace broker {
struct Services;
struct Shard;
}  // namespace broker

namespace broker::coordinator {

class GroupService {
  public:
    GroupService(Shard& shard, const Services& services);

    // The coordinator of a partition, loaded when first asked for.
    // Errors: coordinator_not_available.
    std::expected<group::GroupCoordinator*, ErrorCode> coordinator(int32_t partition);

    // Runs an operation, appends and replays its records, and waits for the answer to its request.
    // Requires: Response is what the operation's replies hold.
    using Operation = std::function<group::Effects(group::GroupCoordinator&, const group::Caller&)>;
    template <class Response>
    asio::awaitable<std::expected<Response, ErrorCode>> run(
        int32_t partition, group::Caller caller, Operation operation,
        std::optional<TransactionalProducer> producer = std::nullopt);

    // Takes over the shard's config as it is now.
    void configure();

    // Appends and replays what an operation decides that nobody but its caller waits for.
    // Errors: its own, and coordinator_not_available.
    using Decision =
        std::function<std::expected<group::Effects, ErrorCode>(const group::GroupCoordinator&)>;
    ErrorCode change(int32_t partition, const Decision& decide);

    // The marker of a transaction on a partition of __consumer_offsets: appended, then applied.
    ErrorCode end_transaction(int32_t partition, const partition::Marker& marker);

    // A transactional offset commit needs the coordinator's word, as a produce does (KIP-890): the
    // ticket is for run(), which uses it up, or to be given back.
    std::expected<partition::Replica::Ticket, ErrorCode> begin_verification(int32_t partition,
                                                                            int64_t producer_id,
                                                                            int16_t producer_epoch);
    void end_verification(int32_t partition, const TransactionalProducer& producer);

    void for_each(auto visit) {
        for (const auto& [partition, host] : hosts_) visit(partition, host->machine);
    }
    void forget_topic(const metadata::TopicImage& topic);
    // Answers everyone who waits: the broker is going away.
    void unload();

  private:
    struct Host {
        Host(StateLog state_log, const group::GroupConfig& config,
             const group::ClusterView& cluster)
            : log(std::move(state_log)), machine(config, cluster) {}
        StateLog log;
        group::GroupCoordinator machine;
    };
    // A request that waits for its answer.
    struct Waiting {
        Waiting(asio::io_context& io, TimerQueue& timers) : answered(io, timers) {}
        Event answered;
        std::optional<group::Response> response;
    };

    std::expected<Host*, ErrorCode> host(int32_t partition);
    // False: the records could not be appended, and whoever waits was told so.
    bool settle(Host& host, group::Effects effects,
                const std::optional<TransactionalProducer>& producer);
    void answer(std::vector<group::Reply> replies);
    group::Token expect_answer();
    asio::awaitable<group::Response> wait_for(group::Token token);
    int64_t now_ms() const;
    void on_time();
    void arm();

    Shard& shard_;
    const Services& services_;
    ImageView cluster_;
    std::map<int32_t, std::unique_ptr<Host>> hosts_;
    std::unordered_map<group::Token, std::shared_ptr<Waiting>> waiting_;
    group::Token last_token_ = 0;
    std::optional<int64_t> armed_ms_;
    TimerQueue::Id timer_;
};

template <class Response>
asio::awaitable<std::expected<Response, ErrorCode>> GroupService::run(
    int32_t partition, group::Caller caller, Operation operation,
    std::optional<TransactionalProducer> producer) {
    const auto found = host(partition);
    if (!found) co_return std::unexpected(found.error());
    caller.token = expect_answer();
    caller.now_ms = now_ms();
    settle(**found, operation((*found)->machine, caller), producer);
    auto response = co_await wait_for(caller.token);
    co_return std::get<Response>(std::move(response));
}

}  // namespace broker::coordinator
