#include "broker/api/consumer_group_protocol.h"
#include "broker/api/describe_each.h"

namespace broker::api {

using Response = protocol::ConsumerGroupDescribeResponse;

Answer<Response> consumer_group_describe(RequestContext& context,
                                         const protocol::ConsumerGroupDescribeRequest& request) {
    auto look = [](auto& machine, std::string_view group_id) {
        return machine.describe_consumer_group(group_id);
    };
    return describe_each<Response>(context, request, has_consumer_group_protocol(context), look);
}

}  // namespace broker::api
