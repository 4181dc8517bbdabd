// What the APIs have in common that describe groups of one kind: ConsumerGroupDescribe (KIP-848),
// ShareGroupDescribe (KIP-932).
#pragma once

#include "broker/api/authorized_operations.h"
#include "broker/api/handlers.h"
#include "broker/api/on_group.h"

namespace broker::api {

// One group: what `look` sees of it in its coordinator.
template <class Group>
Answer<Group> describe_one(RequestContext& context, std::string_view group_id, bool is_served,
                           auto look) {
    using protocol::ErrorCode;
    Group failed{.group_id = std::string(group_id)};
    if (!is_served)
        failed.error_code = ErrorCode::unsupported_version;
    else if (group_id.empty())
        failed.error_code = ErrorCode::invalid_group_id;
    if (failed.error_code != ErrorCode::none) co_return failed;
    auto work = [&](auto& machine, int64_t) { return look(machine, group_id); };
    auto described = co_await on_group(context, group_id, work);
    if (described) co_return std::move(*described);
    failed.error_code = described.error();
    co_return failed;
}

// All that were asked for, each by look(coordinator, group_id). `is_served`: whether there can be
// groups of that kind.
template <class Response>
Answer<Response> describe_each(RequestContext& context, const auto& request, bool is_served,
                               auto look) {
    using Group = typename decltype(Response::groups)::value_type;
    Response response;
    for (const std::string_view group_id : request.group_ids) {
        auto described = co_await describe_one<Group>(context, group_id, is_served, look);
        if (request.include_authorized_operations &&
            described.error_code == protocol::ErrorCode::none)
            described.authorized_operations = group_operations;
        response.groups.push_back(std::move(described));
    }
    co_return response;
}

}  // namespace broker::api
