#include <map>

#include "broker/api/error_message.h"
#include "broker/api/handlers.h"
#include "broker/api/throttle.h"
#include "broker/broker.h"
#include "broker/metadata/partition_changes.h"
#include "broker/metadata/topic_changes.h"

namespace broker::api {

namespace {

using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::ErrorCode;
using Wanted = CreatePartitionsRequest::CreatePartitionsTopic;
using Answered = CreatePartitionsResponse::CreatePartitionsTopicResult;

metadata::MorePartitions more_partitions(const Wanted& wanted) {
    metadata::MorePartitions more{.topic = wanted.name, .count = wanted.count};
    if (!wanted.assignments) return more;
    more.assignments.emplace();
    for (const auto& assignment : *wanted.assignments)
        more.assignments->push_back(assignment.broker_ids);
    return more;
}

Answered refuse(const Wanted& wanted, const metadata::ApiError& error) {
    return {.name = std::string(wanted.name),
            .error_code = error.code,
            .error_message = message_of(error)};
}

Answer<Answered> create(RequestContext& context, const Wanted& wanted, bool validate_only,
                        quota::MutationQuota& quota) {
    metadata::Controller::Decision decide =
        [&, more = more_partitions(wanted)](
            const auto& image,
            const auto& defaults) -> std::expected<metadata::Records, metadata::ApiError> {
        auto records = metadata::create_partitions(image, more, defaults);
        if (!records) return records;
        const int64_t now_ms = context.shards.first().clock.now_ms();
        auto charged = metadata::charge_new_partitions(quota, *records, now_ms);
        if (!charged) return std::unexpected(std::move(charged.error()));
        if (validate_only) records->clear();
        return records;
    };
    const auto created = co_await context.broker.controller().change(std::move(decide));
    if (!created) co_return refuse(wanted, created.error());
    co_return Answered{.name = std::string(wanted.name)};
}

}  // namespace

Answer<CreatePartitionsResponse> create_partitions(RequestContext& context,
                                                   const CreatePartitionsRequest& request) {
    std::map<std::string_view, int> times_named;
    for (const Wanted& wanted : request.topics) ++times_named[wanted.name];
    CreatePartitionsResponse response;
    auto quota = mutation_quota(context, /*strict_since=*/3);
    // Kafka puts what it refuses unseen before the others.
    for (const auto& [name, times] : times_named)
        if (times > 1)
            response.results.push_back(
                refuse({.name = name}, {ErrorCode::invalid_request, "Duplicate topic name."}));
    for (const Wanted& wanted : request.topics) {
        if (times_named[wanted.name] > 1) continue;
        Answered answer = co_await create(context, wanted, request.validate_only, quota);
        response.results.push_back(std::move(answer));
    }
    throttle(context, quota.wait_ms(context.home.clock.now_ms()));
    co_return response;
}

}  // namespace broker::api
