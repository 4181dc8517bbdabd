#include "broker/api/error_message.h"
#include "broker/api/handlers.h"
#include "broker/broker.h"
#include "broker/metadata/partition_changes.h"

namespace broker::api {

namespace {

using protocol::AlterPartitionReassignmentsRequest;
using protocol::AlterPartitionReassignmentsResponse;

}  // namespace

Answer<AlterPartitionReassignmentsResponse> alter_partition_reassignments(
    RequestContext& context, const AlterPartitionReassignmentsRequest& request) {
    AlterPartitionReassignmentsResponse response{
        .allow_replication_factor_change = request.allow_replication_factor_change,
        .error_message = std::nullopt};
    for (const auto& asked : request.topics) {
        auto& answered = response.responses.emplace_back();
        answered.name = asked.name;
        for (const auto& partition : asked.partitions) {
            const metadata::Reassignment wanted{
                .topic = asked.name,
                .partition = partition.partition_index,
                .replicas = partition.replicas,
                .may_change_replication_factor = request.allow_replication_factor_change};
            metadata::Controller::Decision decide = [&wanted](const auto& image,
                                                              const auto& defaults) {
                return metadata::reassign(image, wanted, defaults);
            };
            const auto moved = co_await context.broker.controller().change(std::move(decide));
            const auto error = moved ? metadata::ApiError{} : moved.error();
            answered.partitions.push_back({.partition_index = partition.partition_index,
                                           .error_code = error.code,
                                           .error_message = message_of(error)});
        }
    }
    co_return response;
}

}  // namespace broker::api
