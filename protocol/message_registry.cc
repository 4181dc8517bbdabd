#include "protocol/message_registry.h"

#include <algorithm>

#include "protocol/codec.h"
#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/add_raft_voter.h"
#include "protocol/messages/allocate_producer_ids.h"
#include "protocol/messages/alter_client_quotas.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/alter_partition.h"
#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/alter_replica_log_dirs.h"
#include "protocol/messages/alter_share_group_offsets.h"
#include "protocol/messages/alter_user_scram_credentials.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/assign_replicas_to_dirs.h"
#include "protocol/messages/begin_quorum_epoch.h"
#include "protocol/messages/broker_heartbeat.h"
#include "protocol/messages/broker_registration.h"
#include "protocol/messages/consumer_group_describe.h"
#include "protocol/messages/consumer_group_heartbeat.h"
#include "protocol/messages/controller_registration.h"
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
#include "protocol/messages/end_quorum_epoch.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/envelope.h"
#include "protocol/messages/expire_delegation_token.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/fetch_snapshot.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/get_telemetry_subscriptions.h"
#include "protocol/messages/headers.h"
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
#include "protocol/messages/update_raft_voter.h"
#include "protocol/messages/vote.h"
#include "protocol/messages/write_share_group_state.h"
#include "protocol/messages/write_txn_markers.h"
#include "protocol/stored/aborted_transaction.h"
#include "protocol/stored/broker_records.h"
#include "protocol/stored/config_record.h"
#include "protocol/stored/consumer_group.h"
#include "protocol/stored/consumer_protocol.h"
#include "protocol/stored/control_records.h"
#include "protocol/stored/feature_level_record.h"
#include "protocol/stored/group_metadata.h"
#include "protocol/stored/legacy_offset_commit.h"
#include "protocol/stored/metadata_log_records.h"
#include "protocol/stored/offset_commit.h"
#include "protocol/stored/producer_ids_record.h"
#include "protocol/stored/producer_snapshot.h"
#include "protocol/stored/security_records.h"
#include "protocol/stored/share_group.h"
#include "protocol/stored/share_state.h"
#include "protocol/stored/streams_group.h"
#include "protocol/stored/topic_records.h"
#include "protocol/stored/transaction_log.h"

namespace protocol {

namespace {

template <class Message>
std::optional<ReadMessage> read_message(Reader& reader, int16_t version) {
    const std::optional<Message> message = decode<Message>(reader, version);
    if (!message) return std::nullopt;
    return ReadMessage{to_json(*message, version), encode(*message, version)};
}

#define KAFKA_MESSAGE(Message) \
    MessageType { #Message, Message::valid, read_message<Message> }

// In the order of the includes: requests and responses, then stored records.
constexpr MessageType types[] = {
    KAFKA_MESSAGE(AddOffsetsToTxnRequest),
    KAFKA_MESSAGE(AddOffsetsToTxnResponse),
    KAFKA_MESSAGE(AddPartitionsToTxnRequest),
    KAFKA_MESSAGE(AddPartitionsToTxnResponse),
    KAFKA_MESSAGE(AddRaftVoterRequest),
    KAFKA_MESSAGE(AddRaftVoterResponse),
    KAFKA_MESSAGE(AllocateProducerIdsRequest),
    KAFKA_MESSAGE(AllocateProducerIdsResponse),
    KAFKA_MESSAGE(AlterClientQuotasRequest),
    KAFKA_MESSAGE(AlterClientQuotasResponse),
    KAFKA_MESSAGE(AlterConfigsRequest),
    KAFKA_MESSAGE(AlterConfigsResponse),
    KAFKA_MESSAGE(AlterPartitionRequest),
    KAFKA_MESSAGE(AlterPartitionResponse),
    KAFKA_MESSAGE(AlterPartitionReassignmentsRequest),
    KAFKA_MESSAGE(AlterPartitionReassignmentsResponse),
    KAFKA_MESSAGE(AlterReplicaLogDirsRequest),
    KAFKA_MESSAGE(AlterReplicaLogDirsResponse),
    KAFKA_MESSAGE(AlterShareGroupOffsetsRequest),
    KAFKA_MESSAGE(AlterShareGroupOffsetsResponse),
    KAFKA_MESSAGE(AlterUserScramCredentialsRequest),
    KAFKA_MESSAGE(AlterUserScramCredentialsResponse),
    KAFKA_MESSAGE(ApiVersionsRequest),
    KAFKA_MESSAGE(ApiVersionsResponse),
    KAFKA_MESSAGE(AssignReplicasToDirsRequest),
    KAFKA_MESSAGE(AssignReplicasToDirsResponse),
    KAFKA_MESSAGE(BeginQuorumEpochRequest),
    KAFKA_MESSAGE(BeginQuorumEpochResponse),
    KAFKA_MESSAGE(BrokerHeartbeatRequest),
    KAFKA_MESSAGE(BrokerHeartbeatResponse),
    KAFKA_MESSAGE(BrokerRegistrationRequest),
    KAFKA_MESSAGE(BrokerRegistrationResponse),
    KAFKA_MESSAGE(ConsumerGroupDescribeRequest),
    KAFKA_MESSAGE(ConsumerGroupDescribeResponse),
    KAFKA_MESSAGE(ConsumerGroupHeartbeatRequest),
    KAFKA_MESSAGE(ConsumerGroupHeartbeatResponse),
    KAFKA_MESSAGE(ControllerRegistrationRequest),
    KAFKA_MESSAGE(ControllerRegistrationResponse),
    KAFKA_MESSAGE(CreateAclsRequest),
    KAFKA_MESSAGE(CreateAclsResponse),
    KAFKA_MESSAGE(CreateDelegationTokenRequest),
    KAFKA_MESSAGE(CreateDelegationTokenResponse),
    KAFKA_MESSAGE(CreatePartitionsRequest),
    KAFKA_MESSAGE(CreatePartitionsResponse),
    KAFKA_MESSAGE(CreateTopicsRequest),
    KAFKA_MESSAGE(CreateTopicsResponse),
    KAFKA_MESSAGE(DeleteAclsRequest),
    KAFKA_MESSAGE(DeleteAclsResponse),
    KAFKA_MESSAGE(DeleteGroupsRequest),
    KAFKA_MESSAGE(DeleteGroupsResponse),
    KAFKA_MESSAGE(DeleteRecordsRequest),
    KAFKA_MESSAGE(DeleteRecordsResponse),
    KAFKA_MESSAGE(DeleteShareGroupOffsetsRequest),
    KAFKA_MESSAGE(DeleteShareGroupOffsetsResponse),
    KAFKA_MESSAGE(DeleteShareGroupStateRequest),
    KAFKA_MESSAGE(DeleteShareGroupStateResponse),
    KAFKA_MESSAGE(DeleteTopicsRequest),
    KAFKA_MESSAGE(DeleteTopicsResponse),
    KAFKA_MESSAGE(DescribeAclsRequest),
    KAFKA_MESSAGE(DescribeAclsResponse),
    KAFKA_MESSAGE(DescribeClientQuotasRequest),
    KAFKA_MESSAGE(DescribeClientQuotasResponse),
    KAFKA_MESSAGE(DescribeClusterRequest),
    KAFKA_MESSAGE(DescribeClusterResponse),
    KAFKA_MESSAGE(DescribeConfigsRequest),
    KAFKA_MESSAGE(DescribeConfigsResponse),
    KAFKA_MESSAGE(DescribeDelegationTokenRequest),
    KAFKA_MESSAGE(DescribeDelegationTokenResponse),
    KAFKA_MESSAGE(DescribeGroupsRequest),
    KAFKA_MESSAGE(DescribeGroupsResponse),
    KAFKA_MESSAGE(DescribeLogDirsRequest),
    KAFKA_MESSAGE(DescribeLogDirsResponse),
    KAFKA_MESSAGE(DescribeProducersRequest),
    KAFKA_MESSAGE(DescribeProducersResponse),
    KAFKA_MESSAGE(DescribeQuorumRequest),
    KAFKA_MESSAGE(DescribeQuorumResponse),
    KAFKA_MESSAGE(DescribeShareGroupOffsetsRequest),
    KAFKA_MESSAGE(DescribeShareGroupOffsetsResponse),
    KAFKA_MESSAGE(DescribeTopicPartitionsRequest),
    KAFKA_MESSAGE(DescribeTopicPartitionsResponse),
    KAFKA_MESSAGE(DescribeTransactionsRequest),
    KAFKA_MESSAGE(DescribeTransactionsResponse),
    KAFKA_MESSAGE(DescribeUserScramCredentialsRequest),
    KAFKA_MESSAGE(DescribeUserScramCredentialsResponse),
    KAFKA_MESSAGE(ElectLeadersRequest),
    KAFKA_MESSAGE(ElectLeadersResponse),
    KAFKA_MESSAGE(EndQuorumEpochRequest),
    KAFKA_MESSAGE(EndQuorumEpochResponse),
    KAFKA_MESSAGE(EndTxnRequest),
    KAFKA_MESSAGE(EndTxnResponse),
    KAFKA_MESSAGE(EnvelopeRequest),
    KAFKA_MESSAGE(EnvelopeResponse),
    KAFKA_MESSAGE(DefaultPrincipalData),
    KAFKA_MESSAGE(ExpireDelegationTokenRequest),
    KAFKA_MESSAGE(ExpireDelegationTokenResponse),
    KAFKA_MESSAGE(FetchRequest),
    KAFKA_MESSAGE(FetchResponse),
    KAFKA_MESSAGE(FetchSnapshotRequest),
    KAFKA_MESSAGE(FetchSnapshotResponse),
    KAFKA_MESSAGE(FindCoordinatorRequest),
    KAFKA_MESSAGE(FindCoordinatorResponse),
    KAFKA_MESSAGE(GetTelemetrySubscriptionsRequest),
    KAFKA_MESSAGE(GetTelemetrySubscriptionsResponse),
    KAFKA_MESSAGE(RequestHeader),
    KAFKA_MESSAGE(ResponseHeader),
    KAFKA_MESSAGE(HeartbeatRequest),
    KAFKA_MESSAGE(HeartbeatResponse),
    KAFKA_MESSAGE(IncrementalAlterConfigsRequest),
    KAFKA_MESSAGE(IncrementalAlterConfigsResponse),
    KAFKA_MESSAGE(InitProducerIdRequest),
    KAFKA_MESSAGE(InitProducerIdResponse),
    KAFKA_MESSAGE(InitializeShareGroupStateRequest),
    KAFKA_MESSAGE(InitializeShareGroupStateResponse),
    KAFKA_MESSAGE(JoinGroupRequest),
    KAFKA_MESSAGE(JoinGroupResponse),
    KAFKA_MESSAGE(LeaveGroupRequest),
    KAFKA_MESSAGE(LeaveGroupResponse),
    KAFKA_MESSAGE(ListConfigResourcesRequest),
    KAFKA_MESSAGE(ListConfigResourcesResponse),
    KAFKA_MESSAGE(ListGroupsRequest),
    KAFKA_MESSAGE(ListGroupsResponse),
    KAFKA_MESSAGE(ListOffsetsRequest),
    KAFKA_MESSAGE(ListOffsetsResponse),
    KAFKA_MESSAGE(ListPartitionReassignmentsRequest),
    KAFKA_MESSAGE(ListPartitionReassignmentsResponse),
    KAFKA_MESSAGE(ListTransactionsRequest),
    KAFKA_MESSAGE(ListTransactionsResponse),
    KAFKA_MESSAGE(MetadataRequest),
    KAFKA_MESSAGE(MetadataResponse),
    KAFKA_MESSAGE(OffsetCommitRequest),
    KAFKA_MESSAGE(OffsetCommitResponse),
    KAFKA_MESSAGE(OffsetDeleteRequest),
    KAFKA_MESSAGE(OffsetDeleteResponse),
    KAFKA_MESSAGE(OffsetFetchRequest),
    KAFKA_MESSAGE(OffsetFetchResponse),
    KAFKA_MESSAGE(OffsetForLeaderEpochRequest),
    KAFKA_MESSAGE(OffsetForLeaderEpochResponse),
    KAFKA_MESSAGE(ProduceRequest),
    KAFKA_MESSAGE(ProduceResponse),
    KAFKA_MESSAGE(PushTelemetryRequest),
    KAFKA_MESSAGE(PushTelemetryResponse),
    KAFKA_MESSAGE(ReadShareGroupStateRequest),
    KAFKA_MESSAGE(ReadShareGroupStateResponse),
    KAFKA_MESSAGE(ReadShareGroupStateSummaryRequest),
    KAFKA_MESSAGE(ReadShareGroupStateSummaryResponse),
    KAFKA_MESSAGE(RemoveRaftVoterRequest),
    KAFKA_MESSAGE(RemoveRaftVoterResponse),
    KAFKA_MESSAGE(RenewDelegationTokenRequest),
    KAFKA_MESSAGE(RenewDelegationTokenResponse),
    KAFKA_MESSAGE(SaslAuthenticateRequest),
    KAFKA_MESSAGE(SaslAuthenticateResponse),
    KAFKA_MESSAGE(SaslHandshakeRequest),
    KAFKA_MESSAGE(SaslHandshakeResponse),
    KAFKA_MESSAGE(ShareAcknowledgeRequest),
    KAFKA_MESSAGE(ShareAcknowledgeResponse),
    KAFKA_MESSAGE(ShareFetchRequest),
    KAFKA_MESSAGE(ShareFetchResponse),
    KAFKA_MESSAGE(ShareGroupDescribeRequest),
    KAFKA_MESSAGE(ShareGroupDescribeResponse),
    KAFKA_MESSAGE(ShareGroupHeartbeatRequest),
    KAFKA_MESSAGE(ShareGroupHeartbeatResponse),
    KAFKA_MESSAGE(StreamsGroupDescribeRequest),
    KAFKA_MESSAGE(StreamsGroupDescribeResponse),
    KAFKA_MESSAGE(StreamsGroupHeartbeatRequest),
    KAFKA_MESSAGE(StreamsGroupHeartbeatResponse),
    KAFKA_MESSAGE(StreamsGroupTopologyDescriptionUpdateRequest),
    KAFKA_MESSAGE(StreamsGroupTopologyDescriptionUpdateResponse),
    KAFKA_MESSAGE(SyncGroupRequest),
    KAFKA_MESSAGE(SyncGroupResponse),
    KAFKA_MESSAGE(TxnOffsetCommitRequest),
    KAFKA_MESSAGE(TxnOffsetCommitResponse),
    KAFKA_MESSAGE(UnregisterBrokerRequest),
    KAFKA_MESSAGE(UnregisterBrokerResponse),
    KAFKA_MESSAGE(UnregisterControllerRequest),
    KAFKA_MESSAGE(UnregisterControllerResponse),
    KAFKA_MESSAGE(UpdateFeaturesRequest),
    KAFKA_MESSAGE(UpdateFeaturesResponse),
    KAFKA_MESSAGE(UpdateRaftVoterRequest),
    KAFKA_MESSAGE(UpdateRaftVoterResponse),
    KAFKA_MESSAGE(VoteRequest),
    KAFKA_MESSAGE(VoteResponse),
    KAFKA_MESSAGE(WriteShareGroupStateRequest),
    KAFKA_MESSAGE(WriteShareGroupStateResponse),
    KAFKA_MESSAGE(WriteTxnMarkersRequest),
    KAFKA_MESSAGE(WriteTxnMarkersResponse),
    KAFKA_MESSAGE(AbortedTxn),
    KAFKA_MESSAGE(RegisterBrokerRecord),
    KAFKA_MESSAGE(BrokerRegistrationChangeRecord),
    KAFKA_MESSAGE(UnregisterBrokerRecord),
    KAFKA_MESSAGE(FenceBrokerRecord),
    KAFKA_MESSAGE(UnfenceBrokerRecord),
    KAFKA_MESSAGE(ConfigRecord),
    KAFKA_MESSAGE(ConsumerGroupMetadataKey),
    KAFKA_MESSAGE(ConsumerGroupMetadataValue),
    KAFKA_MESSAGE(ConsumerGroupPartitionMetadataKey),
    KAFKA_MESSAGE(ConsumerGroupPartitionMetadataValue),
    KAFKA_MESSAGE(ConsumerGroupMemberMetadataKey),
    KAFKA_MESSAGE(ConsumerGroupMemberMetadataValue),
    KAFKA_MESSAGE(ConsumerGroupTargetAssignmentMetadataKey),
    KAFKA_MESSAGE(ConsumerGroupTargetAssignmentMetadataValue),
    KAFKA_MESSAGE(ConsumerGroupTargetAssignmentMemberKey),
    KAFKA_MESSAGE(ConsumerGroupTargetAssignmentMemberValue),
    KAFKA_MESSAGE(ConsumerGroupCurrentMemberAssignmentKey),
    KAFKA_MESSAGE(ConsumerGroupCurrentMemberAssignmentValue),
    KAFKA_MESSAGE(ConsumerGroupRegularExpressionKey),
    KAFKA_MESSAGE(ConsumerGroupRegularExpressionValue),
    KAFKA_MESSAGE(ConsumerProtocolSubscription),
    KAFKA_MESSAGE(ConsumerProtocolAssignment),
    KAFKA_MESSAGE(EndTxnMarker),
    KAFKA_MESSAGE(ControlRecordTypeSchema),
    KAFKA_MESSAGE(LeaderChangeMessage),
    KAFKA_MESSAGE(SnapshotHeaderRecord),
    KAFKA_MESSAGE(SnapshotFooterRecord),
    KAFKA_MESSAGE(KRaftVersionRecord),
    KAFKA_MESSAGE(VotersRecord),
    KAFKA_MESSAGE(FeatureLevelRecord),
    KAFKA_MESSAGE(GroupMetadataKey),
    KAFKA_MESSAGE(GroupMetadataValue),
    KAFKA_MESSAGE(LegacyOffsetCommitKey),
    KAFKA_MESSAGE(LegacyOffsetCommitValue),
    KAFKA_MESSAGE(OffsetCommitKey),
    KAFKA_MESSAGE(OffsetCommitValue),
    KAFKA_MESSAGE(NoOpRecord),
    KAFKA_MESSAGE(BeginTransactionRecord),
    KAFKA_MESSAGE(EndTransactionRecord),
    KAFKA_MESSAGE(AbortTransactionRecord),
    KAFKA_MESSAGE(ZkMigrationStateRecord),
    KAFKA_MESSAGE(RegisterControllerRecord),
    KAFKA_MESSAGE(UnregisterControllerRecord),
    KAFKA_MESSAGE(ProducerIdsRecord),
    KAFKA_MESSAGE(ProducerSnapshot),
    KAFKA_MESSAGE(AccessControlEntryRecord),
    KAFKA_MESSAGE(RemoveAccessControlEntryRecord),
    KAFKA_MESSAGE(UserScramCredentialRecord),
    KAFKA_MESSAGE(RemoveUserScramCredentialRecord),
    KAFKA_MESSAGE(DelegationTokenRecord),
    KAFKA_MESSAGE(RemoveDelegationTokenRecord),
    KAFKA_MESSAGE(ClientQuotaRecord),
    KAFKA_MESSAGE(ShareGroupMemberMetadataKey),
    KAFKA_MESSAGE(ShareGroupMemberMetadataValue),
    KAFKA_MESSAGE(ShareGroupMetadataKey),
    KAFKA_MESSAGE(ShareGroupMetadataValue),
    KAFKA_MESSAGE(ShareGroupTargetAssignmentMetadataKey),
    KAFKA_MESSAGE(ShareGroupTargetAssignmentMetadataValue),
    KAFKA_MESSAGE(ShareGroupTargetAssignmentMemberKey),
    KAFKA_MESSAGE(ShareGroupTargetAssignmentMemberValue),
    KAFKA_MESSAGE(ShareGroupCurrentMemberAssignmentKey),
    KAFKA_MESSAGE(ShareGroupCurrentMemberAssignmentValue),
    KAFKA_MESSAGE(ShareGroupStatePartitionMetadataKey),
    KAFKA_MESSAGE(ShareGroupStatePartitionMetadataValue),
    KAFKA_MESSAGE(ShareSnapshotKey),
    KAFKA_MESSAGE(ShareSnapshotValue),
    KAFKA_MESSAGE(ShareUpdateKey),
    KAFKA_MESSAGE(ShareUpdateValue),
    KAFKA_MESSAGE(StreamsGroupMetadataKey),
    KAFKA_MESSAGE(StreamsGroupMetadataValue),
    KAFKA_MESSAGE(StreamsGroupMemberMetadataKey),
    KAFKA_MESSAGE(StreamsGroupMemberMetadataValue),
    KAFKA_MESSAGE(StreamsGroupTargetAssignmentMetadataKey),
    KAFKA_MESSAGE(StreamsGroupTargetAssignmentMetadataValue),
    KAFKA_MESSAGE(StreamsGroupTargetAssignmentMemberKey),
    KAFKA_MESSAGE(StreamsGroupTargetAssignmentMemberValue),
    KAFKA_MESSAGE(StreamsGroupCurrentMemberAssignmentKey),
    KAFKA_MESSAGE(StreamsGroupCurrentMemberAssignmentValue),
    KAFKA_MESSAGE(StreamsGroupTopologyKey),
    KAFKA_MESSAGE(StreamsGroupTopologyValue),
    KAFKA_MESSAGE(TopicRecord),
    KAFKA_MESSAGE(PartitionRecord),
    KAFKA_MESSAGE(PartitionChangeRecord),
    KAFKA_MESSAGE(RemoveTopicRecord),
    KAFKA_MESSAGE(ClearElrRecord),
    KAFKA_MESSAGE(TransactionLogKey),
    KAFKA_MESSAGE(TransactionLogValue),
};

#undef KAFKA_MESSAGE

}  // namespace

std::span<const MessageType> message_types() { return types; }

const MessageType* find_message_type(std::string_view schema) {
    const auto found = std::ranges::find(types, schema, &MessageType::schema);
    return found == std::end(types) ? nullptr : found;
}

}  // namespace protocol
