import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;

/** What a transaction commits for its group: topics by name or by id (KIP-1319), and partitions. */
final class TransactionalCommitCases {
    private TransactionalCommitCases() {
    }

    static void addTo(Cases cases) {
        commit(cases, "no topics", request -> request.setTopics(List.of()));
        commit(cases, "no partitions", request -> topic(request).setPartitions(List.of()));
        commit(cases, "an unknown topic",
            request -> topic(request).setName("nowhere").setTopicId(new Uuid(1, 2)));
        commit(cases, "neither name nor id",
            request -> topic(request).setName("").setTopicId(Uuid.ZERO_UUID));
        commit(cases, "an unknown topic without partitions", request
            -> topic(request).setName("nowhere").setTopicId(new Uuid(1, 2)).setPartitions(
                List.of()));
        commit(cases, "an unknown topic beside another",
            request
            -> request.setTopics(List.of(topic(request),
                topic(request).duplicate().setName("nowhere").setTopicId(new Uuid(1, 2)))));
        commit(cases, "a topic twice",
            request -> request.setTopics(List.of(topic(request), topic(request).duplicate())));
        for (int index : new int[] {-1, 4}) {
            commit(cases, "partition " + index + " of 4",
                request -> partition(request).setPartitionIndex(index));
        }
        for (int size : new int[] {4_096, 4_097}) {
            commit(cases, "metadata of " + size + " bytes",
                request -> partition(request).setCommittedMetadata("m".repeat(size)));
        }
        commit(cases, "no metadata", request -> partition(request).setCommittedMetadata(null));
        for (int offset : new int[] {-1, -2}) {
            commit(cases, "offset " + offset,
                request -> partition(request).setCommittedOffset(offset));
        }
        commit(cases, "an empty group id", request -> request.setGroupId(""));
        commit(cases, "an empty transactional id", request -> request.setTransactionalId(""));
        commit(cases, "another group", request -> request.setGroupId("not in the transaction"));
    }

    private static void commit(
        Cases cases, String situation, Consumer<TxnOffsetCommitRequestData> change) {
        cases.each(ApiKeys.TXN_OFFSET_COMMIT, situation, (broker, version) -> {
            String group = broker.unique("group");
            Transaction transaction = new Transaction(broker, broker.unique("transaction"));
            transaction.start();
            transaction.addOffsets(3, transaction.producer, group);
            var request = transaction.commitRequest(transaction.producer, group);
            change.accept(request);
            return Facts.of(version, broker.ask(version, request));
        });
    }

    private static TxnOffsetCommitRequestTopic topic(TxnOffsetCommitRequestData request) {
        return request.topics().get(0);
    }

    private static TxnOffsetCommitRequestPartition partition(TxnOffsetCommitRequestData request) {
        return topic(request).partitions().get(0);
    }
}
