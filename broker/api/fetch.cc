#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/api/throttle.h"
#include "broker/api/topic_lookup.h"
#include "broker/broker.h"
#include "protocol/codec.h"

namespace broker::api {

namespace {

using partition::Fetched;
using partition::FetchWaiter;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using Answered = FetchResponse::FetchableTopicResponse::PartitionData;

// One partition's part of the answer.
struct Read {
    FetchTarget* target = nullptr;
    Fetched fetched;
};

// Limits of one fetch over all its partitions.
struct Demand {
    size_t bytes_min = 0;
    size_t bytes_max = 0;
    partition::Isolation isolation = partition::Isolation::read_uncommitted;
};

Demand demand_of(const RequestContext& context, const FetchRequest& request) {
    const auto configured = static_cast<size_t>(
        std::clamp(request.max_bytes, 0, context.broker.config().network.fetch_max_bytes));
    const size_t bytes_max = fetch_bytes_max(context, configured);
    return {.bytes_min = std::min(static_cast<size_t>(std::max(request.min_bytes, 0)), bytes_max),
            .bytes_max = bytes_max,
            .isolation = request.isolation_level == 1 ? partition::Isolation::read_committed
                                                      : partition::Isolation::read_uncommitted};
}

// Reads one partition where it lives. With a waiter it is only measured, and what comes later will
// wake it.
asio::awaitable<Fetched> read(RequestContext& context, const FetchTarget& target,
                              const Demand& demand, size_t bytes_left, bool is_first,
                              std::shared_ptr<FetchWaiter> waiter) {
    const auto topic =
        find_topic(context.home.image, context.version >= 13, target.topic, target.topic_id);
    if (!topic) co_return Fetched{.error = topic.error()};
    Shard& owner = context.shards.owner_of((*topic)->id, target.partition);
    const partition::FetchFrom from{
        .offset = target.fetch_offset,
        .bytes_max = std::min(bytes_left, static_cast<size_t>(std::max(target.bytes_max, 0))),
        .at_least_one = is_first,
        .isolation = demand.isolation,
        .current_leader_epoch = target.current_leader_epoch,
        .last_fetched_epoch = target.last_fetched_epoch,
        .may_stay_in_file = true};
    auto work = [&] {
        const auto replica = owner.replicas.get(**topic, target.partition);
        if (!replica) return Fetched{.error = replica.error()};
        if (!waiter) return (*replica)->fetch(from);
        (*replica)->add_waiter(waiter);
        return (*replica)->measure(from);
    };
    co_return co_await owner.run(std::move(work));
}

// One pass over all partitions. True: there is enough, or something that cannot wait.
asio::awaitable<bool> read_all(RequestContext& context, FetchSession& session, const Demand& demand,
                               std::shared_ptr<FetchWaiter> waiter, std::vector<Read>& reads) {
    reads.clear();
    size_t total = 0;
    bool is_urgent = session.targets.empty();
    for (FetchTarget& target : session.targets) {
        const size_t left = demand.bytes_max - std::min(demand.bytes_max, total);
        Fetched fetched = co_await read(context, target, demand, left, total == 0, waiter);
        total += fetched.size;
        is_urgent |= fetched.error != ErrorCode::none || fetched.diverging.has_value();
        reads.push_back({&target, std::move(fetched)});
    }
    co_return is_urgent || total >= demand.bytes_min;
}

asio::awaitable<void> stop_waiting(RequestContext& context, const FetchSession& session,
                                   const FetchWaiter* waiter) {
    for (const FetchTarget& target : session.targets) {
        const auto topic =
            find_topic(context.home.image, context.version >= 13, target.topic, target.topic_id);
        if (!topic) continue;
        Shard& owner = context.shards.owner_of((*topic)->id, target.partition);
        auto leave = [&] {
            if (const auto replica = owner.replicas.get(**topic, target.partition))
                (*replica)->remove_waiter(waiter);
        };
        co_await owner.run(std::move(leave));
    }
}

// Reads until there is enough, or the client's patience ends (KIP-16's delayed fetch).
asio::awaitable<void> read_or_wait(RequestContext& context, const FetchRequest& request,
                                   FetchSession& session, std::vector<Read>& reads) {
    const Demand demand = demand_of(context, request);
    bool is_enough = co_await read_all(context, session, demand, nullptr, reads);
    if (is_enough || request.max_wait_ms <= 0) co_return;
    const int64_t deadline_ms =
        context.home.clock.now_ms() + fetch_wait_ms(context, request.max_wait_ms);
    auto waiter = std::make_shared<FetchWaiter>(context.home, context.home.timers);
    do {
        // Registered in the same step as the look: nothing can come in between unseen.
        waiter->event().reset();
        is_enough = co_await read_all(context, session, demand, waiter, reads);
        if (is_enough || context.home.is_stopping) break;
        co_await waiter->event().wait_until(deadline_ms);
    } while (waiter->event().is_set());
    co_await stop_waiting(context, session, waiter.get());
    co_await read_all(context, session, demand, nullptr, reads);
}

bool has_news(const Read& read) {
    const auto& [target, fetched] = read;
    return fetched.size > 0 || fetched.error != ErrorCode::none || fetched.diverging ||
           target->told_high_watermark != fetched.high_watermark ||
           target->told_log_start_offset != fetched.log_start_offset;
}

Answered answered(RequestContext& context, const FetchRequest& request, Read& read) {
    Fetched& fetched = read.fetched;
    Answered answer{.partition_index = read.target->partition,
                    .error_code = fetched.error,
                    .high_watermark = -1,
                    .last_stable_offset = -1,
                    .log_start_offset = -1};
    if (fetched.error == ErrorCode::none) {  // Beside an error they are unknown, as in Kafka.
        answer.high_watermark = fetched.high_watermark;
        answer.last_stable_offset = fetched.last_stable_offset;
        answer.log_start_offset = fetched.log_start_offset;
    }
    if (fetched.slice.file) {
        answer.records = protocol::Records{.elsewhere_bytes = fetched.size};
        context.slices.push_back(std::move(fetched.slice));
    } else {
        answer.records = protocol::Records{{fetched.buffer.get(), fetched.size}};
        context.buffers.push_back(std::move(fetched.buffer));
    }
    if (fetched.diverging)
        answer.diverging_epoch = {.epoch = fetched.diverging->epoch,
                                  .end_offset = fetched.diverging->end_offset};
    answer.aborted_transactions.reset();
    if (request.isolation_level == 1 && fetched.error == ErrorCode::none) {
        auto& aborted = answer.aborted_transactions.emplace();
        for (const auto& transaction : fetched.aborted)
            aborted.push_back(
                {.producer_id = transaction.producer_id, .first_offset = transaction.first_offset});
    }
    return answer;
}

void remember(FetchSession& session, const Read& read) {
    FetchTarget& target = *read.target;
    // After an error the next answer is news, whatever it is.
    const bool failed = read.fetched.error != ErrorCode::none;
    target.told_high_watermark = failed ? -1 : read.fetched.high_watermark;
    target.told_log_start_offset = failed ? -1 : read.fetched.log_start_offset;
    if (read.fetched.size == 0) return;
    // Whoever was served goes to the end of the line, so that none starves.
    session.targets.splice(session.targets.end(), session.targets, session.by_key.at(target.key()));
}

// For a client that has to wait: its session stays as it was, and a new one does not begin.
FetchResponse without_records(RequestContext& context, const FetchSessions::Fetch& begun) {
    if (begun.is_incremental) return {.session_id = begun.session->id};
    context.home.fetch_sessions.forget(begun.session->id);
    return {.session_id = no_fetch_session};
}

}  // namespace

Answer<FetchResponse> fetch(RequestContext& context, const FetchRequest& request) {
    FetchResponse response;
    const auto begun = context.home.fetch_sessions.begin(request, context.version);
    if (!begun) {
        response.error_code = begun.error();
        co_return response;
    }
    const auto session = begun->session;
    context.kept.push_back(session);
    session->is_in_use = true;
    std::vector<Read> reads;
    co_await read_or_wait(context, request, *session, reads);

    response.session_id = session->id;
    for (Read& read : reads) {
        if (begun->is_incremental && !has_news(read)) continue;
        const FetchTarget& target = *read.target;
        if (response.responses.empty() || response.responses.back().topic != target.topic ||
            response.responses.back().topic_id != target.topic_id) {
            auto& topic = response.responses.emplace_back();
            topic.topic = target.topic;
            topic.topic_id = target.topic_id;
        }
        response.responses.back().partitions.push_back(answered(context, request, read));
    }
    bool is_admitted = true;
    if (is_limited(context, quota::Kind::fetch) || is_limited(context, quota::Kind::request)) {
        // With its size, as Kafka counts it.
        const size_t bytes =
            sizeof(int32_t) + protocol::encoded_size(response, context.version).bytes;
        is_admitted = co_await admit_fetch(context, bytes);
    }
    session->is_in_use = false;
    if (!is_admitted) co_return without_records(context, *begun);
    for (const Read& read : reads)
        if (!begun->is_incremental || has_news(read)) remember(*session, read);
    co_return response;
}

}  // namespace broker::api
