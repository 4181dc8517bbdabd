#include "protocol/message_registry.h"

#include <algorithm>

#include "protocol/codec.h"
#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/describe_producers.h"
#include "protocol/messages/describe_topic_partitions.h"
#include "protocol/messages/describe_transactions.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/headers.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/list_transactions.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/sync_group.h"
#include "protocol/messages/txn_offset_commit.h"
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
    KAFKA_MESSAGE(ApiVersionsRequest),
    KAFKA_MESSAGE(ApiVersionsResponse),
    KAFKA_MESSAGE(CreateTopicsRequest),
    KAFKA_MESSAGE(CreateTopicsResponse),
    KAFKA_MESSAGE(DeleteRecordsRequest),
    KAFKA_MESSAGE(DeleteRecordsResponse),
    KAFKA_MESSAGE(DeleteTopicsRequest),
    KAFKA_MESSAGE(DeleteTopicsResponse),
    KAFKA_MESSAGE(DescribeClusterRequest),
    KAFKA_MESSAGE(DescribeClusterResponse),
    KAFKA_MESSAGE(DescribeConfigsRequest),
    KAFKA_MESSAGE(DescribeConfigsResponse),
    KAFKA_MESSAGE(DescribeGroupsRequest),
    KAFKA_MESSAGE(DescribeGroupsResponse),
    KAFKA_MESSAGE(DescribeProducersRequest),
    KAFKA_MESSAGE(DescribeProducersResponse),
    KAFKA_MESSAGE(DescribeTopicPartitionsRequest),
    KAFKA_MESSAGE(DescribeTopicPartitionsResponse),
    KAFKA_MESSAGE(DescribeTransactionsRequest),
    KAFKA_MESSAGE(DescribeTransactionsResponse),
    KAFKA_MESSAGE(EndTxnRequest),
    KAFKA_MESSAGE(EndTxnResponse),
    KAFKA_MESSAGE(FetchRequest),
    KAFKA_MESSAGE(FetchResponse),
    KAFKA_MESSAGE(FindCoordinatorRequest),
    KAFKA_MESSAGE(FindCoordinatorResponse),
    KAFKA_MESSAGE(RequestHeader),
    KAFKA_MESSAGE(ResponseHeader),
    KAFKA_MESSAGE(HeartbeatRequest),
    KAFKA_MESSAGE(HeartbeatResponse),
    KAFKA_MESSAGE(InitProducerIdRequest),
    KAFKA_MESSAGE(InitProducerIdResponse),
    KAFKA_MESSAGE(JoinGroupRequest),
    KAFKA_MESSAGE(JoinGroupResponse),
    KAFKA_MESSAGE(LeaveGroupRequest),
    KAFKA_MESSAGE(LeaveGroupResponse),
    KAFKA_MESSAGE(ListGroupsRequest),
    KAFKA_MESSAGE(ListGroupsResponse),
    KAFKA_MESSAGE(ListOffsetsRequest),
    KAFKA_MESSAGE(ListOffsetsResponse),
    KAFKA_MESSAGE(ListTransactionsRequest),
    KAFKA_MESSAGE(ListTransactionsResponse),
    KAFKA_MESSAGE(MetadataRequest),
    KAFKA_MESSAGE(MetadataResponse),
    KAFKA_MESSAGE(OffsetCommitRequest),
    KAFKA_MESSAGE(OffsetCommitResponse),
    KAFKA_MESSAGE(OffsetFetchRequest),
    KAFKA_MESSAGE(OffsetFetchResponse),
    KAFKA_MESSAGE(OffsetForLeaderEpochRequest),
    KAFKA_MESSAGE(OffsetForLeaderEpochResponse),
    KAFKA_MESSAGE(ProduceRequest),
    KAFKA_MESSAGE(ProduceResponse),
    KAFKA_MESSAGE(SyncGroupRequest),
    KAFKA_MESSAGE(SyncGroupResponse),
    KAFKA_MESSAGE(TxnOffsetCommitRequest),
    KAFKA_MESSAGE(TxnOffsetCommitResponse),
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
