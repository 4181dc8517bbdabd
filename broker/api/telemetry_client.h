// The client of a request as subscriptions to its metrics tell it (KIP-714), and the shard that
// keeps when it pushed.
#pragma once

#include <string_view>

#include "broker/request_context.h"
#include "broker/shard.h"
#include "broker/telemetry/client.h"

namespace broker::api {

inline Shard& telemetry_owner(RequestContext& context, const protocol::Uuid& instance_id) {
    return context.shards.owner_of(instance_id, 0);
}

inline telemetry::Client telemetry_client(const RequestContext& context,
                                          const protocol::Uuid& instance_id) {
    static const telemetry::ClientSoftware unknown;
    const auto& software = context.connection ? context.connection->software : unknown;
    return {.instance_id = instance_id,
            .client_id = context.client_id,
            .software_name = software.name,
            .software_version = software.version,
            .source_address = context.client_host.substr(context.client_host.find('/') + 1),
            .source_port = context.client_port};
}

}  // namespace broker::api
