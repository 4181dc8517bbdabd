#include "broker/api/throttle.h"

#include <algorithm>
#include <functional>

#include "broker/shard.h"

namespace broker::api {

namespace {

using quota::Kind;
using quota::Limit;

quota::Client client_of(const RequestContext& context) { return {context.user, context.client_id}; }

std::optional<Limit> limit_of(const RequestContext& context, Kind kind) {
    return context.home.image.quota_limits().find(kind, client_of(context));
}

// One shard counts for all that a limit counts together, whichever their connections are on.
Shard& keeper_of(const RequestContext& context, const Limit& limit) {
    constexpr std::hash<std::string_view> hash;
    size_t mixed = 0;
    if (limit.is_of_user) mixed ^= hash(context.user);
    if (limit.is_of_client_id) mixed ^= hash(context.client_id);
    return context.shards.at(mixed % context.shards.count());
}

asio::awaitable<void> charge(RequestContext& context, Kind kind, double value) {
    const auto limit = limit_of(context, kind);
    if (!limit) co_return;
    Shard& keeper = keeper_of(context, *limit);
    auto record = [&] {
        return keeper.quota_meters.record(kind, client_of(context), *limit, value,
                                          keeper.clock.now_ms());
    };
    const int32_t wait_ms = co_await keeper.run(std::move(record));
    throttle(context, wait_ms);
}

}  // namespace

bool is_limited(const RequestContext& context, Kind kind) {
    return context.home.image.quota_limits().has(kind);
}

void throttle(RequestContext& context, int32_t wait_ms) {
    if (wait_ms <= context.throttle_time_ms) return;
    context.throttle_time_ms = wait_ms;
    context.throttled_until_ms = context.home.clock.now_ms() + wait_ms;
}

asio::awaitable<void> charge_produce(RequestContext& context) {
    return charge(context, Kind::produce, static_cast<double>(context.request_bytes));
}

asio::awaitable<void> charge_work_time(RequestContext& context) {
    if (!context.work_time.has_begun()) co_return;
    using Seconds = std::chrono::duration<double>;
    const Seconds worked = context.work_time.end();
    constexpr double percent = 100;  // of one thread
    if (context.is_work_counted) co_await charge(context, Kind::request, worked.count() * percent);
}

asio::awaitable<bool> admit_fetch(RequestContext& context, size_t answer_bytes) {
    co_await charge_work_time(context);
    if (context.throttle_time_ms > 0) co_return false;
    const auto limit = limit_of(context, Kind::fetch);
    if (!limit) co_return true;
    Shard& keeper = keeper_of(context, *limit);
    auto admit = [&] {
        return keeper.quota_meters.admit_fetch(
            client_of(context), *limit, static_cast<double>(answer_bytes), keeper.clock.now_ms());
    };
    const int32_t wait_ms = co_await keeper.run(std::move(admit));
    throttle(context, wait_ms);
    co_return wait_ms == 0;
}

asio::awaitable<void> charge_fetch(RequestContext& context, size_t answer_bytes) {
    return charge(context, Kind::fetch, static_cast<double>(answer_bytes));
}

size_t fetch_bytes_max(const RequestContext& context, size_t configured) {
    const auto limit = limit_of(context, Kind::fetch);
    if (!limit) return configured;
    const double in_window = context.home.quota_meters.window_total(*limit);
    return static_cast<size_t>(std::min(in_window, static_cast<double>(configured)));
}

int64_t fetch_wait_ms(const RequestContext& context, int32_t max_wait_ms) {
    const int64_t idle_max_ms = context.home.config.network.connection_idle_max_ms;
    const int64_t wanted_ms = std::max(max_wait_ms, 0);
    return idle_max_ms < 0 ? wanted_ms : std::min(wanted_ms, idle_max_ms);
}

quota::MutationQuota mutation_quota(RequestContext& context, int16_t strict_since) {
    return {context.shards.first().quota_meters, client_of(context),
            limit_of(context, Kind::controller_mutation), context.version >= strict_since};
}

}  // namespace broker::api
