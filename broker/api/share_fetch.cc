#include <algorithm>
#include <map>
#include <utility>

#include "broker/api/handlers.h"
#include "broker/api/share_acknowledgements.h"
#include "broker/api/share_group_protocol.h"
#include "broker/api/throttle.h"
#include "broker/broker.h"
#include "protocol/codec.h"

namespace broker::api {

namespace {

using partition::FetchWaiter;
using protocol::ErrorCode;
using protocol::ShareFetchRequest;
using protocol::ShareFetchResponse;
using share::SharePartition;
using share::SharePartitions;
using Answered = ShareFetchResponse::ShareFetchableTopicResponse::PartitionData;
using Acknowledged = std::map<std::pair<protocol::Uuid, int32_t>, ErrorCode>;

constexpr int64_t refused_session_wait_max_ms = 1'000;

// One partition's part of the fetch.
struct Part {
    ShareTarget target;
    metadata::TopicRef topic;
    Shard* owner = nullptr;
    size_t size_bytes = 0;  // of what can be acquired, as far as the fetch may go
    SharePartitions::Fetched fetched = {};
};

struct Demand {
    size_t bytes_min = 0;
    size_t bytes_max = 0;
    int64_t deadline_ms = 0;
};

ShareFetchResponse refuse(ErrorCode error, std::optional<std::string> message = {}) {
    return {.error_code = error, .error_message = std::move(message)};
}

bool has_acknowledgements(const ShareFetchRequest& request) {
    return std::ranges::any_of(request.topics, [](const auto& topic) {
        return std::ranges::any_of(topic.partitions, [](const auto& partition) {
            return !partition.acknowledgement_batches.empty();
        });
    });
}

// A request that renews locks does nothing else (KIP-1222).
std::optional<std::string> why_no_renewal(const ShareFetchRequest& request) {
    std::string why;
    if (request.max_bytes != 0) why += "maxBytes must be set to 0, ";
    if (request.min_bytes != 0) why += "minBytes must be set to 0, ";
    if (request.max_records != 0) why += "maxRecords must be set to 0, ";
    if (request.max_wait_ms != 0) why += "maxWaitMs must be set to 0, ";
    if (why.empty()) return std::nullopt;
    return why + "if isRenewAck is true.";
}

// One that asks for none is answered about no partition but those it acknowledges.
bool wants_records(const ShareFetchRequest& request) {
    return !request.is_renew_ack && request.max_records != 0 && request.max_bytes != 0;
}

std::vector<Part> parts_of(RequestContext& context, const std::vector<ShareTarget>& targets) {
    std::vector<Part> parts;
    for (const ShareTarget& target : targets) {
        Part& part = parts.emplace_back();
        part.target = target;
        part.topic = context.home.image.find(target.topic_id);
        if (!part.topic) {
            part.fetched.error = ErrorCode::unknown_topic_id;
        } else if (target.partition < 0 || target.partition >= part.topic->partition_count()) {
            part.fetched.error = ErrorCode::unknown_topic_or_partition;
        } else {
            part.owner = &context.shards.owner_of(target.topic_id, target.partition);
        }
    }
    return parts;
}

asio::awaitable<std::expected<size_t, ErrorCode>> measure_here(
    SharePartitions& partitions, std::string group_id, metadata::TopicRef topic, int32_t partition,
    size_t bytes_max, std::shared_ptr<FetchWaiter> waiter) {
    const auto loaded = co_await partitions.get(std::move(group_id), std::move(topic), partition);
    if (!loaded) co_return std::unexpected(loaded.error());
    co_return partitions.measure(**loaded, bytes_max, std::move(waiter));
}

asio::awaitable<SharePartitions::Fetched> acquire_here(SharePartitions& partitions,
                                                       std::string group_id,
                                                       metadata::TopicRef topic, int32_t partition,
                                                       SharePartition::Demand demand,
                                                       size_t bytes_max) {
    const auto loaded = co_await partitions.get(std::move(group_id), std::move(topic), partition);
    if (!loaded) co_return SharePartitions::Fetched{.error = loaded.error()};
    co_return partitions.acquire(**loaded, demand, bytes_max);
}

// One look at all partitions. True: there is enough, or nothing to wait for.
asio::awaitable<bool> measure_all(const ShareSessionKey& key, std::vector<Part>& parts,
                                  const Demand& demand, std::shared_ptr<FetchWaiter> waiter) {
    size_t total = 0;
    bool has_any = false;
    for (Part& part : parts) {
        part.size_bytes = 0;
        if (!part.owner) continue;
        auto work = [&] {
            return measure_here(part.owner->share_partitions, key.group_id, part.topic,
                                part.target.partition, demand.bytes_max, waiter);
        };
        const auto measured = co_await part.owner->run(std::move(work));
        part.fetched.error = measured ? ErrorCode::none : measured.error();
        part.size_bytes = measured.value_or(0);
        total += part.size_bytes;
        has_any |= measured.has_value();
    }
    co_return !has_any || total >= demand.bytes_min;
}

asio::awaitable<void> wait_for_records(RequestContext& context, const ShareSessionKey& key,
                                       std::vector<Part>& parts, const Demand& demand) {
    bool is_enough = co_await measure_all(key, parts, demand, nullptr);
    if (is_enough || demand.deadline_ms <= context.home.clock.now_ms()) co_return;
    const auto waiter = std::make_shared<FetchWaiter>(context.home, context.home.timers);
    do {
        // Registered in the same step as the look: nothing can come in between unseen.
        waiter->event().reset();
        is_enough = co_await measure_all(key, parts, demand, waiter);
        if (is_enough || context.home.is_stopping) break;
        co_await waiter->event().wait_until(demand.deadline_ms);
    } while (waiter->event().is_set());
    for (Part& part : parts) {
        if (!part.owner) continue;
        auto leave = [&] {
            part.owner->share_partitions.stop_waiting(
                {key.group_id, part.target.topic_id, part.target.partition}, waiter.get());
        };
        co_await part.owner->run(std::move(leave));
    }
    (void)co_await measure_all(key, parts, demand, nullptr);
}

// Each partition that has something gets as many bytes; records go to those that come first.
asio::awaitable<void> acquire_all(RequestContext& context, const ShareSessionKey& key,
                                  const ShareFetchRequest& request, std::vector<Part>& parts,
                                  size_t bytes_max) {
    const auto count =
        std::ranges::count_if(parts, [](const Part& part) { return part.size_bytes > 0; });
    SharePartition::Demand demand{
        .member_id = key.member_id,
        .records_max = request.max_records,
        .batch_size = request.batch_size,
        .mode = static_cast<share::AcquireMode>(request.share_acquire_mode),
        .now_ms = context.home.clock.now_ms()};
    for (Part& part : parts) {
        if (part.size_bytes == 0 || demand.records_max <= 0) continue;
        auto work = [&] {
            return acquire_here(part.owner->share_partitions, key.group_id, part.topic,
                                part.target.partition, demand,
                                bytes_max / static_cast<size_t>(count));
        };
        part.fetched = co_await part.owner->run(std::move(work));
        for (const share::Acquired& acquired : part.fetched.acquired)
            demand.records_max -= static_cast<int32_t>(std::min<int64_t>(
                acquired.last_offset - acquired.first_offset + 1, demand.records_max));
    }
}

size_t bytes_max_of(const RequestContext& context, const ShareFetchRequest& request) {
    const int32_t configured =
        std::clamp(request.max_bytes, 0, context.broker.config().network.fetch_max_bytes);
    return fetch_bytes_max(context, static_cast<size_t>(configured));
}

asio::awaitable<std::vector<Part>> fetch_records(RequestContext& context,
                                                 const ShareSessionKey& key,
                                                 const ShareFetchRequest& request,
                                                 const std::vector<ShareTarget>& targets) {
    auto parts = parts_of(context, targets);
    const size_t bytes_max = bytes_max_of(context, request);
    if (parts.empty() || request.max_records <= 0 || bytes_max == 0) co_return parts;
    const Demand demand{
        .bytes_min = std::min(static_cast<size_t>(std::max(request.min_bytes, 0)), bytes_max),
        .bytes_max = bytes_max,
        .deadline_ms = context.home.clock.now_ms() + fetch_wait_ms(context, request.max_wait_ms)};
    co_await wait_for_records(context, key, parts, demand);
    co_await acquire_all(context, key, request, parts, demand.bytes_max);
    co_return parts;
}

// The answer as it grows: a topic appears in it once.
class TopicAnswers {
  public:
    explicit TopicAnswers(ShareFetchResponse& response) : response_(response) {}

    Answered& add(const protocol::Uuid& topic_id, int32_t partition) {
        const auto [place, is_new] = places_.try_emplace(topic_id, response_.responses.size());
        if (is_new) response_.responses.emplace_back().topic_id = topic_id;
        auto& partitions = response_.responses[place->second].partitions;
        return partitions.emplace_back(Answered{.partition_index = partition});
    }

  private:
    ShareFetchResponse& response_;
    std::map<protocol::Uuid, size_t> places_;
};

void put(RequestContext& context, SharePartitions::Fetched& fetched, Answered& answer) {
    answer.error_code = fetched.error;
    answer.records = protocol::Records{fetched.records};
    context.buffers.push_back(std::move(fetched.buffer));
    for (const share::Acquired& acquired : fetched.acquired)
        answer.acquired_records.push_back({.first_offset = acquired.first_offset,
                                           .last_offset = acquired.last_offset,
                                           .delivery_count = acquired.delivery_count});
}

// An incremental answer leaves out a partition with no news; acknowledgements are news.
asio::awaitable<void> append_answers(RequestContext& context, const ShareSessionKey& key,
                                     bool is_incremental, std::vector<Part>& parts,
                                     Acknowledged& acknowledged, ShareFetchResponse& response) {
    Shard& home = share_session_home(context.shards, key.group_id);
    TopicAnswers answers(response);
    for (Part& part : parts) {
        const ShareTarget& target = part.target;
        const bool failed = part.fetched.error != ErrorCode::none;
        const auto found = acknowledged.find({target.topic_id, target.partition});
        const bool has_news = failed || !part.fetched.acquired.empty() || target.must_answer ||
                              !is_incremental || found != acknowledged.end();
        if (!has_news) continue;
        if (failed || target.must_answer) {
            auto note = [&] { home.share_sessions.answered(key, target, failed); };
            co_await home.run(std::move(note));
        }
        Answered& answer = answers.add(target.topic_id, target.partition);
        put(context, part.fetched, answer);
        if (found == acknowledged.end()) continue;
        answer.acknowledge_error_code = found->second;
        acknowledged.erase(found);
    }
    for (const auto& [partition, error] : acknowledged)
        answers.add(partition.first, partition.second).acknowledge_error_code = error;
}

// Kafka answers a client above its quota without the records, which stay locked for it all the
// same. Here it gets them and waits afterwards, as producers do.
asio::awaitable<void> count_bytes(RequestContext& context, const ShareFetchResponse& response) {
    if (!is_limited(context, quota::Kind::fetch)) co_return;
    const size_t bytes = protocol::encoded_size(response, context.version).bytes;
    co_await charge_fetch(context, sizeof(int32_t) + bytes);  // with its size, as Kafka counts it
}

asio::awaitable<std::expected<std::vector<ShareTarget>, ErrorCode>> begin(
    RequestContext& context, const ShareSessionKey& key, const ShareFetchRequest& request) {
    Shard& home = share_session_home(context.shards, key.group_id);
    // Some of them may have ended by way of another connection.
    const auto count_max = static_cast<size_t>(context.home.config.share.session_count_max);
    const bool is_new = request.share_session_epoch == initial_share_epoch;
    if (is_new && context.connection->share_sessions.size() > count_max)
        co_return std::unexpected(ErrorCode::share_session_limit_reached);
    auto work = [&] { return home.share_sessions.begin(key, request, context.connection); };
    auto begun = co_await home.run(std::move(work));
    if (begun && is_new) context.connection->share_sessions.insert({key.group_id, key.member_id});
    if (!begun && begun.error() == ErrorCode::share_session_limit_reached) {
        // So that the client does not come again at once. Kafka lets it wait for all of its time.
        Event pause(context.home.io(), context.home.timers);
        co_await pause.wait_until(
            context.home.clock.now_ms() +
            std::min(fetch_wait_ms(context, request.max_wait_ms), refused_session_wait_max_ms));
    }
    co_return begun;
}

}  // namespace

Answer<ShareFetchResponse> share_fetch(RequestContext& context, const ShareFetchRequest& request) {
    if (!has_share_groups(context)) co_return refuse(ErrorCode::unsupported_version);
    if (!request.group_id)
        co_return refuse(ErrorCode::invalid_request, "Invalid group id in the request.");
    if (!is_share_member_id(request.member_id))
        co_return refuse(ErrorCode::invalid_request, "Invalid member id in the request.");
    if (request.share_acquire_mode < 0 || request.share_acquire_mode > 1)
        co_return refuse(ErrorCode::invalid_request, "Unknown share acquire mode.");
    if (request.is_renew_ack)
        if (auto why = why_no_renewal(request))
            co_return refuse(ErrorCode::invalid_request, std::move(why));
    const bool acknowledges = has_acknowledgements(request);
    const int32_t epoch = request.share_session_epoch;
    if (acknowledges && epoch == initial_share_epoch) co_return refuse(ErrorCode::invalid_request);
    const ShareSessionKey key{std::string(*request.group_id), std::string(*request.member_id)};
    const auto targets = co_await begin(context, key, request);
    if (!targets) co_return refuse(targets.error());

    ShareFetchResponse response;
    response.acquisition_lock_timeout_ms =
        context.home.share_partitions.config_of(key.group_id).record_lock_duration_ms;
    Acknowledged acknowledged;
    if (acknowledges)
        for (const auto& answer : co_await acknowledge_records(context, key, request))
            acknowledged[{answer.topic_id, answer.partition}] = answer.error;
    std::vector<Part> parts;
    if (wants_records(request)) parts = co_await fetch_records(context, key, request, *targets);
    co_await append_answers(context, key, epoch != initial_share_epoch, parts, acknowledged,
                            response);
    if (epoch == final_share_epoch) co_await end_share_session(context, key);
    co_await count_bytes(context, response);
    co_return response;
}

}  // namespace broker::api
