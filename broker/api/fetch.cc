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
using partition::Isolation;
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
    Isolation isolation = Isolation::read_uncommitted;
};

Demand demand_of(const RequestContext& context, const FetchRequest& request) {
    const auto configured = static_cast<size_t>(
        std::clamp(request.max_bytes, 0, context.broker.config().network.fetch_max_bytes));
    const size_t bytes_max = fetch_bytes_max(context, configured);
    return {.bytes_min = std::min(static_cast<size_t>(std::max(request.min_bytes, 0)), bytes_max),
            .bytes_max = bytes_max,
            .isolation = request.isolation_level == 1 ? Isolation::read_committed
                                                      : Isolation::read_uncommitted};
}

// How one look at a partition is done.
struct Look {
    bool waits = false;  // only measures, and is told of more although there may be something
    size_t bytes_left = 0;
    bool is_first = false;
};

// Whether nothing is left for who reads from there, until the replica changes.
bool is_at_end(const FetchTarget& target, const Fetched& fetched, Isolation isolation) {
    if (fetched.error != ErrorCode::none || fetched.diverging) return false;
    return target.fetch_offset >= (isolation == Isolation::read_committed
                                       ? fetched.last_stable_offset
                                       : fetched.high_watermark);
}

// Requires: on the owner's shard.
Fetched look_here(Shard& owner, const metadata::TopicImage& topic, FetchSession& session,
                  FetchTarget& target, const Demand& demand, const Look& look) {
    const auto replica = owner.replicas.get(topic, target.partition);
    if (!replica) return Fetched{.error = replica.error()};
    const partition::FetchFrom from{
        .offset = target.fetch_offset,
        .bytes_max = std::min(look.bytes_left, static_cast<size_t>(std::max(target.bytes_max, 0))),
        .at_least_one = look.is_first,
        .isolation = demand.isolation,
        .current_leader_epoch = target.current_leader_epoch,
        .last_fetched_epoch = target.last_fetched_epoch,
        .may_stay_in_file = true};
    Fetched fetched = look.waits ? (*replica)->measure(from) : (*replica)->fetch(from);
    // In the same step as the look: nothing can come in between unseen.
    if (session.waiter && !target.watch &&
        (look.waits || is_at_end(target, fetched, demand.isolation)))
        target.watch = {owner, (*replica)->add_waiter(session.waiter, target.number),
                        session.waiter, target.number};
    return fetched;
}

// Looks at one partition where it lives.
asio::awaitable<Fetched> look_at(RequestContext& context, FetchSession& session,
                                 FetchTarget& target, const Demand& demand, Look look) {
    const auto topic =
        find_topic(context.home.image, context.version >= 13, target.topic, target.topic_id);
    Fetched fetched{.error = topic ? ErrorCode::none : topic.error()};
    if (topic) {
        Shard& owner = context.shards.owner_of((*topic)->id, target.partition);
        auto work = [&] { return look_here(owner, **topic, session, target, demand, look); };
        if (owner.is_current())
            fetched = work();
        else
            fetched = co_await owner.run(std::move(work));
    }
    target.available_bytes = fetched.size;
    co_return fetched;
}

bool is_urgent(const Fetched& fetched) {
    return fetched.error != ErrorCode::none || fetched.diverging.has_value();
}

// Reads all that may have changed. True: there is enough, or something that cannot wait.
asio::awaitable<bool> read_changed(RequestContext& context, FetchSession& session,
                                   const Demand& demand, std::vector<Read>& reads) {
    reads.clear();
    size_t total = 0;
    bool is_enough = session.by_key.empty();
    for (FetchTarget& target : session.changed) {
        const size_t left = demand.bytes_max - std::min(demand.bytes_max, total);
        Fetched fetched = co_await look_at(context, session, target, demand,
                                           {.bytes_left = left, .is_first = total == 0});
        total += fetched.size;
        is_enough |= is_urgent(fetched);
        reads.push_back({&target, std::move(fetched)});
    }
    co_return is_enough || total >= demand.bytes_min;
}

// Looks again at those that have changed since the last look, and has itself told of the next
// change. True: there is enough, or something that cannot wait.
asio::awaitable<bool> watch_changed(RequestContext& context, FetchSession& session,
                                    const Demand& demand) {
    size_t total = 0;
    for (FetchTarget& target : session.changed) {
        if (!target.watch) {
            const Fetched fetched = co_await look_at(
                context, session, target, demand,
                {.waits = true, .bytes_left = demand.bytes_max, .is_first = total == 0});
            if (is_urgent(fetched)) co_return true;
        }
        total += target.available_bytes;
    }
    co_return total >= demand.bytes_min;
}

bool has_news(const Read& read) {
    const auto& [target, fetched] = read;
    return fetched.size > 0 || fetched.error != ErrorCode::none || fetched.diverging ||
           target->told_high_watermark != fetched.high_watermark ||
           target->told_log_start_offset != fetched.log_start_offset;
}

// Leaves out of further fetches what has nothing to tell that was not told.
void settle(FetchSession& session, const Read& read, const Demand& demand) {
    FetchTarget& target = *read.target;
    if (target.watch && !has_news(read) && is_at_end(target, read.fetched, demand.isolation))
        session.settle(target);
}

// Reads until there is enough, or the client's patience ends (KIP-16's delayed fetch).
asio::awaitable<void> read_or_wait(RequestContext& context, const FetchRequest& request,
                                   const FetchSessions::Fetch& begun, const Demand& demand,
                                   std::vector<Read>& reads) {
    FetchSession& session = *begun.session;
    const auto make_waiter = [&] {
        if (session.waiter) return;
        session.waiter = std::make_shared<FetchWaiter>(context.home, context.home.timers);
    };
    if (session.id != no_fetch_session) make_waiter();
    session.note_changes();
    bool is_enough = co_await read_changed(context, session, demand, reads);
    if (is_enough || request.max_wait_ms <= 0) co_return;
    if (begun.is_incremental)
        for (const Read& read : reads) settle(session, read, demand);
    const int64_t deadline_ms =
        context.home.clock.now_ms() + fetch_wait_ms(context, request.max_wait_ms);
    make_waiter();
    Event& changed = session.waiter->event();
    do {
        changed.reset();
        session.note_changes();
        is_enough = co_await watch_changed(context, session, demand);
        if (is_enough || context.home.is_stopping) break;
        co_await changed.wait_until(deadline_ms);
    } while (changed.is_set() && context.home.clock.now_ms() < deadline_ms);
    session.note_changes();
    co_await read_changed(context, session, demand, reads);
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

// The session is as its client will see it.
void remember(FetchSession& session, const Read& read, const Demand& demand) {
    FetchTarget& target = *read.target;
    // After an error the next answer is news, whatever it is.
    const bool failed = read.fetched.error != ErrorCode::none;
    target.told_high_watermark = failed ? -1 : read.fetched.high_watermark;
    target.told_log_start_offset = failed ? -1 : read.fetched.log_start_offset;
    if (read.fetched.size > 0)
        session.move_to_end(target);
    else
        settle(session, read, demand);
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
    const Demand demand = demand_of(context, request);
    co_await read_or_wait(context, request, *begun, demand, reads);

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
    for (const Read& read : reads) remember(*session, read, demand);
    co_return response;
}

}  // namespace broker::api
