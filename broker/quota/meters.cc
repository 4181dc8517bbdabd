#include "broker/quota/meters.h"

#include <algorithm>
#include <functional>

namespace broker::quota {

namespace {

// A debt that is not asked for any longer, as in Kafka, is forgotten.
constexpr int64_t bucket_unused_max_ms = 3'600'000;

int32_t at_most_a_sample(int32_t wait_ms, const Window& window) {
    return static_cast<int32_t>(std::min<int64_t>(wait_ms, window.sample_ms));
}

// A long name is kept as its beginning and a hash: clients give themselves names.
void append_name(std::string& key, std::string_view name) {
    constexpr size_t bytes_max = 255;
    key.append(name.substr(0, bytes_max));
    if (name.size() > bytes_max) key.append(std::to_string(std::hash<std::string_view>()(name)));
}

}  // namespace

// Who is not told apart by the limit has no part in the key.
std::string_view Meters::key_of(Kind kind, const Client& client, const Limit& limit) {
    const std::string_view user = limit.is_of_user ? client.user : "";
    key_.assign(1, static_cast<char>(kind));
    key_.append(std::to_string(user.size())).append(1, ' ');
    append_name(key_, user);
    if (limit.is_of_client_id) append_name(key_, client.id);
    return key_;
}

SampledRate& Meters::rate_of(Kind kind, const Client& client, const Limit& limit, int64_t now_ms) {
    // A rate without samples is as a new one.
    rates_.drop_unused_since(now_ms - clients_.span_ms());
    return rates_.use(key_of(kind, client, limit), now_ms);
}

int32_t Meters::record(Kind kind, const Client& client, const Limit& limit, double value,
                       int64_t now_ms) {
    SampledRate& rate = rate_of(kind, client, limit, now_ms);
    rate.record(value, now_ms, clients_);
    const int32_t wait_ms = rate.excess_ms(limit.per_second, now_ms, clients_);
    return kind == Kind::request ? at_most_a_sample(wait_ms, clients_) : wait_ms;
}

int32_t Meters::admit_fetch(const Client& client, const Limit& limit, double bytes,
                            int64_t now_ms) {
    SampledRate& rate = rate_of(Kind::fetch, client, limit, now_ms);
    const int32_t wait_ms = rate.is_idle(now_ms, clients_)
                                ? 0
                                : rate.excess_ms(limit.per_second, now_ms, clients_, bytes);
    if (wait_ms == 0) rate.record(bytes, now_ms, clients_);
    return wait_ms;
}

Meters::Mutation Meters::mutate(const Client& client, const Limit& limit, double partitions,
                                bool is_strict, int64_t now_ms) {
    buckets_.drop_unused_since(now_ms - bucket_unused_max_ms);
    TokenBucket& bucket = buckets_.use(key_of(Kind::controller_mutation, client, limit), now_ms);
    if (is_strict && bucket.is_in_debt(limit.per_second, now_ms, controller_))
        return {.is_refused = true, .wait_ms = bucket.debt_ms(limit.per_second)};
    bucket.take(partitions, limit.per_second, now_ms, controller_);
    return {.wait_ms = is_strict ? 0 : bucket.debt_ms(limit.per_second)};
}

int32_t Meters::connect(std::string_view address, double limit, int64_t now_ms) {
    addresses_.drop_unused_since(now_ms - clients_.span_ms());
    SampledRate& rate = addresses_.use(address, now_ms);
    const int32_t wait_ms = rate.excess_ms(limit, now_ms, clients_, /*more=*/1);
    if (wait_ms == 0) rate.record(1, now_ms, clients_);
    return at_most_a_sample(wait_ms, clients_);
}

double Meters::window_total(const Limit& limit) const {
    constexpr double ms_per_second = 1000;
    return limit.per_second *
           static_cast<double>((clients_.sample_count - 1) * clients_.sample_ms) / ms_per_second;
}

}  // namespace broker::quota
