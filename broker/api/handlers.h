// Every handler, one a file beside this one: request in, response out, nothing kept.
#pragma once

#include <asio/awaitable.hpp>

#include "broker/request_context.h"
#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/add_raft_voter.h"
#include "protocol/messages/alter_client_quotas.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/alter_replica_log_dirs.h"
#include "protocol/messages/alter_share_group_offsets.h"
#include "protocol/messages/alter_user_scram_credentials.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/consumer_group_describe.h"
#include "protocol/messages/consumer_group_heartbeat.h"
#include "protocol/messages/create_acls.h"
#include "protocol/messages/create_delegation_token.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_acls.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_share_group_offsets.h"
#include "protocol/messages/delete_share_group_state.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_acls.h"
#include "protocol/messages/describe_client_quotas.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/describe_delegation_token.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/describe_producers.h"
#include "protocol/messages/describe_quorum.h"
#include "protocol/messages/describe_share_group_offsets.h"
#include "protocol/messages/describe_topic_partitions.h"
#include "protocol/messages/describe_transactions.h"
#include "protocol/messages/describe_user_scram_credentials.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/expire_delegation_token.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/get_telemetry_subscriptions.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/initialize_share_group_state.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/list_config_resources.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/list_partition_reassignments.h"
#include "protocol/messages/list_transactions.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/push_telemetry.h"
#include "protocol/messages/read_share_group_state.h"
#include "protocol/messages/read_share_group_state_summary.h"
#include "protocol/messages/remove_raft_voter.h"
#include "protocol/messages/renew_delegation_token.h"
#include "protocol/messages/sasl_authenticate.h"
#include "protocol/messages/sasl_handshake.h"
#include "protocol/messages/share_acknowledge.h"
#include "protocol/messages/share_fetch.h"
#include "protocol/messages/share_group_describe.h"
#include "protocol/messages/share_group_heartbeat.h"
#include "protocol/messages/streams_group_describe.h"
#include "protocol/messages/streams_group_heartbeat.h"
#include "protocol/messages/streams_group_topology_description_update.h"
#include "protocol/messages/sync_group.h"
#include "protocol/messages/txn_offset_commit.h"
#include "protocol/messages/unregister_broker.h"
#include "protocol/messages/unregister_controller.h"
#include "protocol/messages/update_features.h"
#include "protocol/messages/write_share_group_state.h"
#include "protocol/messages/write_txn_markers.h"

namespace broker::api {

template <class Response>
using Answer = asio::awaitable<Response>;

Answer<protocol::ProduceResponse> produce(RequestContext&, const protocol::ProduceRequest&);
Answer<protocol::FetchResponse> fetch(RequestContext&, const protocol::FetchRequest&);
Answer<protocol::ListOffsetsResponse> list_offsets(RequestContext&,
                                                   const protocol::ListOffsetsRequest&);
Answer<protocol::MetadataResponse> metadata(RequestContext&, const protocol::MetadataRequest&);
Answer<protocol::OffsetCommitResponse> offset_commit(RequestContext&,
                                                     const protocol::OffsetCommitRequest&);
Answer<protocol::OffsetFetchResponse> offset_fetch(RequestContext&,
                                                   const protocol::OffsetFetchRequest&);
Answer<protocol::FindCoordinatorResponse> find_coordinator(RequestContext&,
                                                           const protocol::FindCoordinatorRequest&);
Answer<protocol::JoinGroupResponse> join_group(RequestContext&, const protocol::JoinGroupRequest&);
Answer<protocol::HeartbeatResponse> heartbeat(RequestContext&, const protocol::HeartbeatRequest&);
Answer<protocol::LeaveGroupResponse> leave_group(RequestContext&,
                                                 const protocol::LeaveGroupRequest&);
Answer<protocol::SyncGroupResponse> sync_group(RequestContext&, const protocol::SyncGroupRequest&);
Answer<protocol::ConsumerGroupHeartbeatResponse> consumer_group_heartbeat(
    RequestContext&, const protocol::ConsumerGroupHeartbeatRequest&);
Answer<protocol::ConsumerGroupDescribeResponse> consumer_group_describe(
    RequestContext&, const protocol::ConsumerGroupDescribeRequest&);
Answer<protocol::DescribeGroupsResponse> describe_groups(RequestContext&,
                                                         const protocol::DescribeGroupsRequest&);
Answer<protocol::ListGroupsResponse> list_groups(RequestContext&,
                                                 const protocol::ListGroupsRequest&);
Answer<protocol::ApiVersionsResponse> api_versions(RequestContext&,
                                                   const protocol::ApiVersionsRequest&);
Answer<protocol::CreateTopicsResponse> create_topics(RequestContext&,
                                                     const protocol::CreateTopicsRequest&);
Answer<protocol::DeleteTopicsResponse> delete_topics(RequestContext&,
                                                     const protocol::DeleteTopicsRequest&);
Answer<protocol::DeleteRecordsResponse> delete_records(RequestContext&,
                                                       const protocol::DeleteRecordsRequest&);
Answer<protocol::InitProducerIdResponse> init_producer_id(RequestContext&,
                                                          const protocol::InitProducerIdRequest&);
Answer<protocol::OffsetForLeaderEpochResponse> offset_for_leader_epoch(
    RequestContext&, const protocol::OffsetForLeaderEpochRequest&);
Answer<protocol::AddPartitionsToTxnResponse> add_partitions_to_txn(
    RequestContext&, const protocol::AddPartitionsToTxnRequest&);
Answer<protocol::AddOffsetsToTxnResponse> add_offsets_to_txn(
    RequestContext&, const protocol::AddOffsetsToTxnRequest&);
Answer<protocol::EndTxnResponse> end_txn(RequestContext&, const protocol::EndTxnRequest&);
Answer<protocol::WriteTxnMarkersResponse> write_txn_markers(
    RequestContext&, const protocol::WriteTxnMarkersRequest&);
Answer<protocol::TxnOffsetCommitResponse> txn_offset_commit(
    RequestContext&, const protocol::TxnOffsetCommitRequest&);
Answer<protocol::DescribeConfigsResponse> describe_configs(RequestContext&,
                                                           const protocol::DescribeConfigsRequest&);
Answer<protocol::AlterConfigsResponse> alter_configs(RequestContext&,
                                                     const protocol::AlterConfigsRequest&);
Answer<protocol::IncrementalAlterConfigsResponse> incremental_alter_configs(
    RequestContext&, const protocol::IncrementalAlterConfigsRequest&);
Answer<protocol::GetTelemetrySubscriptionsResponse> get_telemetry_subscriptions(
    RequestContext&, const protocol::GetTelemetrySubscriptionsRequest&);
Answer<protocol::PushTelemetryResponse> push_telemetry(RequestContext&,
                                                       const protocol::PushTelemetryRequest&);
Answer<protocol::ListConfigResourcesResponse> list_config_resources(
    RequestContext&, const protocol::ListConfigResourcesRequest&);
Answer<protocol::DescribeClusterResponse> describe_cluster(RequestContext&,
                                                           const protocol::DescribeClusterRequest&);
Answer<protocol::DescribeProducersResponse> describe_producers(
    RequestContext&, const protocol::DescribeProducersRequest&);
Answer<protocol::DescribeTransactionsResponse> describe_transactions(
    RequestContext&, const protocol::DescribeTransactionsRequest&);
Answer<protocol::ListTransactionsResponse> list_transactions(
    RequestContext&, const protocol::ListTransactionsRequest&);
Answer<protocol::DescribeTopicPartitionsResponse> describe_topic_partitions(
    RequestContext&, const protocol::DescribeTopicPartitionsRequest&);
Answer<protocol::AlterReplicaLogDirsResponse> alter_replica_log_dirs(
    RequestContext&, const protocol::AlterReplicaLogDirsRequest&);
Answer<protocol::DescribeLogDirsResponse> describe_log_dirs(
    RequestContext&, const protocol::DescribeLogDirsRequest&);
Answer<protocol::CreatePartitionsResponse> create_partitions(
    RequestContext&, const protocol::CreatePartitionsRequest&);
Answer<protocol::DeleteGroupsResponse> delete_groups(RequestContext&,
                                                     const protocol::DeleteGroupsRequest&);
Answer<protocol::ElectLeadersResponse> elect_leaders(RequestContext&,
                                                     const protocol::ElectLeadersRequest&);
Answer<protocol::AlterPartitionReassignmentsResponse> alter_partition_reassignments(
    RequestContext&, const protocol::AlterPartitionReassignmentsRequest&);
Answer<protocol::ListPartitionReassignmentsResponse> list_partition_reassignments(
    RequestContext&, const protocol::ListPartitionReassignmentsRequest&);
Answer<protocol::OffsetDeleteResponse> offset_delete(RequestContext&,
                                                     const protocol::OffsetDeleteRequest&);
Answer<protocol::DescribeQuorumResponse> describe_quorum(RequestContext&,
                                                         const protocol::DescribeQuorumRequest&);
Answer<protocol::UpdateFeaturesResponse> update_features(RequestContext&,
                                                         const protocol::UpdateFeaturesRequest&);
Answer<protocol::UnregisterBrokerResponse> unregister_broker(
    RequestContext&, const protocol::UnregisterBrokerRequest&);
Answer<protocol::AddRaftVoterResponse> add_raft_voter(RequestContext&,
                                                      const protocol::AddRaftVoterRequest&);
Answer<protocol::RemoveRaftVoterResponse> remove_raft_voter(
    RequestContext&, const protocol::RemoveRaftVoterRequest&);
Answer<protocol::UnregisterControllerResponse> unregister_controller(
    RequestContext&, const protocol::UnregisterControllerRequest&);
Answer<protocol::SaslHandshakeResponse> sasl_handshake(RequestContext&,
                                                       const protocol::SaslHandshakeRequest&);
Answer<protocol::SaslAuthenticateResponse> sasl_authenticate(
    RequestContext&, const protocol::SaslAuthenticateRequest&);
Answer<protocol::CreateDelegationTokenResponse> create_delegation_token(
    RequestContext&, const protocol::CreateDelegationTokenRequest&);
Answer<protocol::RenewDelegationTokenResponse> renew_delegation_token(
    RequestContext&, const protocol::RenewDelegationTokenRequest&);
Answer<protocol::ExpireDelegationTokenResponse> expire_delegation_token(
    RequestContext&, const protocol::ExpireDelegationTokenRequest&);
Answer<protocol::DescribeDelegationTokenResponse> describe_delegation_token(
    RequestContext&, const protocol::DescribeDelegationTokenRequest&);
Answer<protocol::DescribeAclsResponse> describe_acls(RequestContext&,
                                                     const protocol::DescribeAclsRequest&);
Answer<protocol::CreateAclsResponse> create_acls(RequestContext&,
                                                 const protocol::CreateAclsRequest&);
Answer<protocol::DeleteAclsResponse> delete_acls(RequestContext&,
                                                 const protocol::DeleteAclsRequest&);
Answer<protocol::DescribeClientQuotasResponse> describe_client_quotas(
    RequestContext&, const protocol::DescribeClientQuotasRequest&);
Answer<protocol::AlterClientQuotasResponse> alter_client_quotas(
    RequestContext&, const protocol::AlterClientQuotasRequest&);
Answer<protocol::DescribeUserScramCredentialsResponse> describe_user_scram_credentials(
    RequestContext&, const protocol::DescribeUserScramCredentialsRequest&);
Answer<protocol::AlterUserScramCredentialsResponse> alter_user_scram_credentials(
    RequestContext&, const protocol::AlterUserScramCredentialsRequest&);

Answer<protocol::InitializeShareGroupStateResponse> initialize_share_group_state(
    RequestContext&, const protocol::InitializeShareGroupStateRequest&);
Answer<protocol::ReadShareGroupStateResponse> read_share_group_state(
    RequestContext&, const protocol::ReadShareGroupStateRequest&);
Answer<protocol::WriteShareGroupStateResponse> write_share_group_state(
    RequestContext&, const protocol::WriteShareGroupStateRequest&);
Answer<protocol::DeleteShareGroupStateResponse> delete_share_group_state(
    RequestContext&, const protocol::DeleteShareGroupStateRequest&);
Answer<protocol::ReadShareGroupStateSummaryResponse> read_share_group_state_summary(
    RequestContext&, const protocol::ReadShareGroupStateSummaryRequest&);
Answer<protocol::ShareFetchResponse> share_fetch(RequestContext&,
                                                 const protocol::ShareFetchRequest&);
Answer<protocol::ShareAcknowledgeResponse> share_acknowledge(
    RequestContext&, const protocol::ShareAcknowledgeRequest&);
Answer<protocol::ShareGroupHeartbeatResponse> share_group_heartbeat(
    RequestContext&, const protocol::ShareGroupHeartbeatRequest&);
Answer<protocol::ShareGroupDescribeResponse> share_group_describe(
    RequestContext&, const protocol::ShareGroupDescribeRequest&);
Answer<protocol::StreamsGroupHeartbeatResponse> streams_group_heartbeat(
    RequestContext&, const protocol::StreamsGroupHeartbeatRequest&);
Answer<protocol::StreamsGroupDescribeResponse> streams_group_describe(
    RequestContext&, const protocol::StreamsGroupDescribeRequest&);
Answer<protocol::StreamsGroupTopologyDescriptionUpdateResponse>
streams_group_topology_description_update(
    RequestContext&, const protocol::StreamsGroupTopologyDescriptionUpdateRequest&);
Answer<protocol::DescribeShareGroupOffsetsResponse> describe_share_group_offsets(
    RequestContext&, const protocol::DescribeShareGroupOffsetsRequest&);
Answer<protocol::AlterShareGroupOffsetsResponse> alter_share_group_offsets(
    RequestContext&, const protocol::AlterShareGroupOffsetsRequest&);
Answer<protocol::DeleteShareGroupOffsetsResponse> delete_share_group_offsets(
    RequestContext&, const protocol::DeleteShareGroupOffsetsRequest&);

}  // namespace broker::api
