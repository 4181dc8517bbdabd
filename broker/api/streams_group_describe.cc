#include "broker/api/describe_each.h"
#include "broker/api/streams_group_protocol.h"

namespace broker::api {

using Response = protocol::StreamsGroupDescribeResponse;

namespace {

// TopologyDescriptionStatus of the schema.
constexpr int8_t description_error = 2;
// Of all descriptions in one answer: a group may be asked for any number of times.
constexpr size_t answer_description_bytes_max = size_t{64} << 20;

}  // namespace

Answer<Response> streams_group_describe(RequestContext& context,
                                        const protocol::StreamsGroupDescribeRequest& request) {
    const bool is_wanted = request.include_topology_description;
    size_t description_bytes = 0;
    auto look = [&](auto& machine, std::string_view group_id) {
        const bool has_room = description_bytes < answer_description_bytes_max;
        auto group = machine.describe_streams_group(group_id, is_wanted && has_room);
        if (group.topology_description)
            description_bytes += coordinator::group::size_bytes(*group.topology_description);
        else if (is_wanted && !has_room && group.error_code == protocol::ErrorCode::none)
            group.topology_description_status = description_error;
        return group;
    };
    co_return co_await describe_each<Response>(context, request, has_streams_groups(context), look);
}

}  // namespace broker::api
