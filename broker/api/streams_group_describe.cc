#include "broker/api/describe_each.h"
#include "broker/api/streams_group_protocol.h"

namespace broker::api {

using Response = protocol::StreamsGroupDescribeResponse;

namespace {

// Descriptions of topologies are kept by a plugin (KIP-1331), and there is none.
constexpr int8_t description_not_stored = 1;

}  // namespace

Answer<Response> streams_group_describe(RequestContext& context,
                                        const protocol::StreamsGroupDescribeRequest& request) {
    auto look = [wants_description = request.include_topology_description](
                    auto& machine, std::string_view group_id) {
        auto group = machine.describe_streams_group(group_id);
        if (wants_description && group.error_code == protocol::ErrorCode::none)
            group.topology_description_status = description_not_stored;
        return group;
    };
    return describe_each<Response>(context, request, has_streams_groups(context), look);
}

}  // namespace broker::api
