#include "broker/api/handlers.h"

namespace broker::api {

using Response = protocol::StreamsGroupTopologyDescriptionUpdateResponse;

// Descriptions of topologies are kept by a plugin (KIP-1331), and there is none: as in Kafka, no
// member is asked for one.
Answer<Response> streams_group_topology_description_update(
    RequestContext&, const protocol::StreamsGroupTopologyDescriptionUpdateRequest&) {
    co_return Response{
        .error_code = protocol::ErrorCode::unsupported_version,
        .error_message = "The broker has no streams group topology description plugin configured."};
}

}  // namespace broker::api
