// What a request uses of its client's quotas, and the wait that follows. It is answered at once;
// its connection is not read until the wait is over (KIP-219).
#pragma once

#include <asio/awaitable.hpp>

#include "broker/quota/mutation_quota.h"
#include "broker/request_context.h"

namespace broker::api {

// Whether anybody has such a quota: without one, nothing needs to be counted.
bool is_limited(const RequestContext& context, quota::Kind kind);

// Makes the client wait, from now on and at least for so long.
void throttle(RequestContext& context, int32_t wait_ms);

// Counts the bytes of a produce request.
asio::awaitable<void> charge_produce(RequestContext& context);

// Counts the thread time of a request, up to now and once.
asio::awaitable<void> charge_work_time(RequestContext& context);

// Counts the thread time of a fetch, and the bytes of its answer. False: the client has to wait,
// and is to be answered without records; the bytes are not counted.
asio::awaitable<bool> admit_fetch(RequestContext& context, size_t answer_bytes);
// Counts the bytes of an answer that is given in any case: its client waits after it.
asio::awaitable<void> charge_fetch(RequestContext& context, size_t answer_bytes);
// More bytes a fetch is not answered with.
size_t fetch_bytes_max(const RequestContext& context, size_t configured);

// How long a fetch may wait for records, by its request: no longer than a connection may be idle.
// Kafka closes it then, and the client has its answer in neither case.
int64_t fetch_wait_ms(const RequestContext& context, int32_t max_wait_ms);

// For the changes that a request makes to topics. From this version on its API knows
// throttling_quota_exceeded (KIP-599). Lives as long as the request.
quota::MutationQuota mutation_quota(RequestContext& context, int16_t strict_since);

}  // namespace broker::api
