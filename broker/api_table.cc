#include "broker/api_table.h"

#include <algorithm>
#include <array>

#include "broker/api/handlers.h"
#include "broker/api/produce.h"
#include "broker/api/throttle.h"
#include "broker/broker.h"

namespace broker {

namespace {

template <class Request, class Response>
using Handler = asio::awaitable<Response> (*)(RequestContext&, const Request&);

template <class Request, class Response>
asio::awaitable<std::optional<protocol::Encoded>> invoke(Handler<Request, Response> handler,
                                                         RequestContext& context,
                                                         protocol::Bytes body,
                                                         size_t reserved_bytes) {
    protocol::Reader reader(body, context.broker.config().network.request_array_elements_max);
    const auto request = protocol::decode<Request>(reader, context.version);
    if (!request) co_return std::nullopt;
    auto response = co_await handler(context, *request);
    if (context.work_time.has_begun()) co_await api::charge_work_time(context);
    if constexpr (requires { response.throttle_time_ms; })
        response.throttle_time_ms = context.throttle_time_ms;
    co_return protocol::encode_gathered(response, context.version, reserved_bytes);
}

std::optional<protocol::Encoded> produce_at_once(RequestContext& context, protocol::Bytes body,
                                                 size_t reserved_bytes) {
    protocol::Reader reader(body, context.broker.config().network.request_array_elements_max);
    const auto request = protocol::decode<protocol::ProduceRequest>(reader, context.version);
    if (!request) return std::nullopt;
    const auto response = api::produce_at_once(context, *request);
    if (!response) return std::nullopt;
    return protocol::encode_gathered(*response, context.version, reserved_bytes);
}

template <class Request, class Response>
Request request_of(Handler<Request, Response>);

template <auto handler>
ServedApi serve(InvokeAtOnce invoke_at_once = nullptr) {
    using Request = decltype(request_of(handler));
    return {protocol::find_api(Request::api_key),
            [](RequestContext& context, protocol::Bytes body, size_t reserved_bytes) {
                return invoke(+handler, context, body, reserved_bytes);
            },
            invoke_at_once};
}

const std::array table = {
    serve<&api::produce>(&produce_at_once),
    serve<&api::fetch>(),
    serve<&api::list_offsets>(),
    serve<&api::metadata>(),
    serve<&api::offset_commit>(),
    serve<&api::offset_fetch>(),
    serve<&api::find_coordinator>(),
    serve<&api::join_group>(),
    serve<&api::heartbeat>(),
    serve<&api::leave_group>(),
    serve<&api::sync_group>(),
    serve<&api::describe_groups>(),
    serve<&api::list_groups>(),
    serve<&api::sasl_handshake>(),
    serve<&api::api_versions>(),
    serve<&api::create_topics>(),
    serve<&api::delete_topics>(),
    serve<&api::delete_records>(),
    serve<&api::init_producer_id>(),
    serve<&api::offset_for_leader_epoch>(),
    serve<&api::add_partitions_to_txn>(),
    serve<&api::add_offsets_to_txn>(),
    serve<&api::end_txn>(),
    serve<&api::write_txn_markers>(),
    serve<&api::txn_offset_commit>(),
    serve<&api::describe_acls>(),
    serve<&api::create_acls>(),
    serve<&api::delete_acls>(),
    serve<&api::describe_configs>(),
    serve<&api::alter_configs>(),
    serve<&api::alter_replica_log_dirs>(),
    serve<&api::describe_log_dirs>(),
    serve<&api::sasl_authenticate>(),
    serve<&api::create_partitions>(),
    serve<&api::create_delegation_token>(),
    serve<&api::renew_delegation_token>(),
    serve<&api::expire_delegation_token>(),
    serve<&api::describe_delegation_token>(),
    serve<&api::delete_groups>(),
    serve<&api::elect_leaders>(),
    serve<&api::incremental_alter_configs>(),
    serve<&api::alter_partition_reassignments>(),
    serve<&api::list_partition_reassignments>(),
    serve<&api::offset_delete>(),
    serve<&api::describe_client_quotas>(),
    serve<&api::alter_client_quotas>(),
    serve<&api::describe_user_scram_credentials>(),
    serve<&api::alter_user_scram_credentials>(),
    serve<&api::describe_quorum>(),
    serve<&api::update_features>(),
    serve<&api::describe_cluster>(),
    serve<&api::describe_producers>(),
    serve<&api::unregister_broker>(),
    serve<&api::describe_transactions>(),
    serve<&api::list_transactions>(),
    serve<&api::consumer_group_heartbeat>(),
    serve<&api::consumer_group_describe>(),
    serve<&api::get_telemetry_subscriptions>(),
    serve<&api::push_telemetry>(),
    serve<&api::list_config_resources>(),
    serve<&api::describe_topic_partitions>(),
    serve<&api::share_group_heartbeat>(),
    serve<&api::share_group_describe>(),
    serve<&api::share_fetch>(),
    serve<&api::share_acknowledge>(),
    serve<&api::add_raft_voter>(),
    serve<&api::remove_raft_voter>(),
    serve<&api::initialize_share_group_state>(),
    serve<&api::read_share_group_state>(),
    serve<&api::write_share_group_state>(),
    serve<&api::delete_share_group_state>(),
    serve<&api::read_share_group_state_summary>(),
    serve<&api::streams_group_heartbeat>(),
    serve<&api::streams_group_describe>(),
    serve<&api::describe_share_group_offsets>(),
    serve<&api::alter_share_group_offsets>(),
    serve<&api::delete_share_group_offsets>(),
    serve<&api::streams_group_topology_description_update>(),
    serve<&api::unregister_controller>(),
};

}  // namespace

std::span<const ServedApi> served_apis() { return table; }

const ServedApi* find_served_api(int16_t key) {
    const auto found = std::ranges::lower_bound(
        table, key, {}, [](const ServedApi& served) { return served.api->key; });
    return found != table.end() && found->api->key == key ? &*found : nullptr;
}

}  // namespace broker
