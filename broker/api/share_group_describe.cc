#include "broker/api/describe_each.h"
#include "broker/api/share_group_protocol.h"

namespace broker::api {

using Response = protocol::ShareGroupDescribeResponse;

Answer<Response> share_group_describe(RequestContext& context,
                                      const protocol::ShareGroupDescribeRequest& request) {
    auto look = [](auto& machine, std::string_view group_id) {
        return machine.describe_share_group(group_id);
    };
    return describe_each<Response>(context, request, has_share_groups(context), look);
}

}  // namespace broker::api
