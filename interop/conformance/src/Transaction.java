import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.*;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** A transactional id and its producer, request by request. */
final class Transaction {
    static final String TOPIC = "transactions";

    private static final int TIMEOUT_MS = 900_000;
    /** As the suite starts both brokers. */
    private static final int OFFSETS_PARTITIONS = 4;

    /** Whom a request names. */
    record Producer(long id, short epoch) {
    }

    Producer producer = new Producer(-1, (short) -1);

    private final Broker broker;
    private final String id;
    private final Map<String, Integer> sequences = new HashMap<>();
    private TopicRequest written;
    private boolean isPrepared;

    Transaction(Broker broker, String id) {
        this.broker = broker;
        this.id = id;
    }

    String id() {
        return id;
    }

    /** Takes over the id. */
    void start() throws Exception {
        var started = init(4, new Producer(-1, (short) -1));
        require(started.errorCode());
        producer = new Producer(started.producerId(), started.producerEpoch());
    }

    /** Writes to the topic's partition 0 in a transaction; `implicitly` as KIP-890 has it. */
    void begin(boolean implicitly) throws Exception {
        if (!implicitly) {
            require(addPartition(3, producer, 0));
        }
        require(produce(implicitly ? 12 : 11, producer, 0));
    }

    void beginWithOffsets(boolean implicitly, String group) throws Exception {
        if (!implicitly) {
            require(addOffsets(3, producer, group));
        }
        require(commitOffset(implicitly ? 5 : 4, producer, group));
        written = new TopicRequest()
                      .setName("__consumer_offsets")
                      .setPartitionIndexes(List.of(group.hashCode() % OFFSETS_PARTITIONS));
    }

    /** Ends the transaction and waits until its markers are written. */
    void end(boolean commit, boolean bumpsEpoch) throws Exception {
        decide(commit, bumpsEpoch);
        awaitState(commit ? "CompleteCommit" : "CompleteAbort");
    }

    /** Ends the transaction so that all partitions but the obstacle's get their markers. */
    void prepare(boolean commit, boolean bumpsEpoch) throws Exception {
        Producer writer = producer;
        require(addPartition(3, writer, Obstacle.TOPIC, 0));
        decide(commit, bumpsEpoch);
        awaitState(commit ? "PrepareCommit" : "PrepareAbort");
        awaitMarker(writer);
        isPrepared = true;
    }

    private void decide(boolean commit, boolean bumpsEpoch) throws Exception {
        var ended = end(bumpsEpoch ? 5 : 3, producer, commit);
        require(ended.errorCode());
        if (bumpsEpoch) {
            producer = new Producer(ended.producerId(), ended.producerEpoch());
        }
    }

    private void awaitState(String state) throws Exception {
        DescribeTransactionsResponseData described = broker.askUntil(
            (DescribeTransactionsResponseData answer)
                -> answer.transactionStates().get(0).transactionState().equals(state),
            0, new DescribeTransactionsRequestData().setTransactionalIds(List.of(id)));
        if (!described.transactionStates().get(0).transactionState().equals(state)) {
            throw new AssertionError(id + " is not " + state + ": " + described);
        }
    }

    /** Until the partition that was written to has its marker. */
    private void awaitMarker(Producer writer) throws Exception {
        Predicate<DescribeProducersResponseData> isEnded = answer
            -> answer.topics().get(0).partitions().get(0).activeProducers().stream().noneMatch(
                active -> active.producerId() == writer.id && active.currentTxnStartOffset() >= 0);
        var request = new DescribeProducersRequestData();
        request.topics().add(written);
        if (!isEnded.test(broker.askUntil(isEnded, 0, request))) {
            throw new AssertionError(id + " has no marker in " + written);
        }
    }

    InitProducerIdResponseData init(int version, Producer named) throws Exception {
        return broker.askUntil((InitProducerIdResponseData answer)
                                   -> isSettled(answer.errorCode()),
            version,
            new InitProducerIdRequestData()
                .setTransactionalId(id)
                .setTransactionTimeoutMs(TIMEOUT_MS)
                .setProducerId(named.id)
                .setProducerEpoch(named.epoch));
    }

    EndTxnResponseData end(int version, Producer named, boolean commit) throws Exception {
        return broker.askUntil((EndTxnResponseData answer)
                                   -> isSettled(answer.errorCode()),
            version,
            new EndTxnRequestData()
                .setTransactionalId(id)
                .setProducerId(named.id)
                .setProducerEpoch(named.epoch)
                .setCommitted(commit));
    }

    short addPartition(int version, Producer named, int partition) throws Exception {
        broker.topicId(TOPIC);
        return addPartition(version, named, TOPIC, partition);
    }

    private short addPartition(int version, Producer named, String topic, int partition)
        throws Exception {
        var topics = new AddPartitionsToTxnTopicCollection();
        topics.add(new AddPartitionsToTxnTopic().setName(topic).setPartitions(List.of(partition)));
        var request = new AddPartitionsToTxnRequestData();
        if (version < 4) {
            request.setV3AndBelowTransactionalId(id)
                .setV3AndBelowProducerId(named.id)
                .setV3AndBelowProducerEpoch(named.epoch)
                .setV3AndBelowTopics(topics);
        } else {
            var transactions = new AddPartitionsToTxnTransactionCollection();
            transactions.add(new AddPartitionsToTxnTransaction()
                    .setTransactionalId(id)
                    .setProducerId(named.id)
                    .setProducerEpoch(named.epoch)
                    .setTopics(topics));
            request.setTransactions(transactions);
        }
        AddPartitionsToTxnResponseData added =
            broker.askUntil((AddPartitionsToTxnResponseData answer)
                                -> isSettled(errorOf(answer)),
                version, request);
        return errorOf(added);
    }

    short addOffsets(int version, Producer named, String group) throws Exception {
        return broker
            .<AddOffsetsToTxnResponseData>askUntil(answer
                -> isSettled(answer.errorCode()),
                version,
                new AddOffsetsToTxnRequestData()
                    .setTransactionalId(id)
                    .setProducerId(named.id)
                    .setProducerEpoch(named.epoch)
                    .setGroupId(group))
            .errorCode();
    }

    short produce(int version, Producer named, int partition) throws Exception {
        String place = named + "/" + partition;
        int sequence = sequences.getOrDefault(place, 0);
        var records = MemoryRecords.withTransactionalRecords(Compression.NONE, named.id,
            named.epoch, sequence, new SimpleRecord(System.currentTimeMillis(), "v".getBytes()));
        var request =
            BatchCases.request(broker, version, TOPIC, partition, records).setTransactionalId(id);
        short error = broker
                          .<org.apache.kafka.common.message.ProduceResponseData>askUntil(
                              answer -> isSettled(BatchCases.errorOf(answer)), version, request)
                          .responses()
                          .iterator()
                          .next()
                          .partitionResponses()
                          .get(0)
                          .errorCode();
        if (error == Errors.NONE.code()) {
            sequences.put(place, sequence + 1);
            written = new TopicRequest().setName(TOPIC).setPartitionIndexes(List.of(partition));
        }
        return error;
    }

    short commitOffset(int version, Producer named, String group) throws Exception {
        return errorOf(broker.<TxnOffsetCommitResponseData>askUntil(answer
            -> isSettled(errorOf(answer)),
            version, commitRequest(named, group)));
    }

    /** Of an offset in the topic's partition 0. */
    TxnOffsetCommitRequestData commitRequest(Producer named, String group) throws Exception {
        var partition = new TxnOffsetCommitRequestPartition()
                            .setPartitionIndex(0)
                            .setCommittedOffset(1)
                            .setCommittedMetadata("");
        var topic = new TxnOffsetCommitRequestTopic()
                        .setName(TOPIC)
                        .setTopicId(broker.topicId(TOPIC))
                        .setPartitions(List.of(partition));
        return new TxnOffsetCommitRequestData()
            .setTransactionalId(id)
            .setGroupId(group)
            .setProducerId(named.id)
            .setProducerEpoch(named.epoch)
            .setTopics(List.of(topic));
    }

    private static short errorOf(TxnOffsetCommitResponseData answer) {
        return answer.topics().get(0).partitions().get(0).errorCode();
    }

    private static short errorOf(AddPartitionsToTxnResponseData answer) {
        var old = answer.resultsByTopicV3AndBelow();
        if (!old.isEmpty()) {
            return old.iterator()
                .next()
                .resultsByPartition()
                .iterator()
                .next()
                .partitionErrorCode();
        }
        if (answer.resultsByTransaction().isEmpty()) {
            return answer.errorCode();
        }
        return answer.resultsByTransaction()
            .iterator()
            .next()
            .topicResults()
            .iterator()
            .next()
            .resultsByPartition()
            .iterator()
            .next()
            .partitionErrorCode();
    }

    /** Else the state is on its way to the next, or the coordinator is not there yet. */
    private boolean isSettled(short error) {
        return isPrepared || switch (Errors.forCode(error)) {
            case CONCURRENT_TRANSACTIONS, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE,
                COORDINATOR_LOAD_IN_PROGRESS, NOT_ENOUGH_REPLICAS ->
                false;
            default -> true;
        };
    }

    static void require(short error) {
        if (error != Errors.NONE.code()) {
            throw new AssertionError(Errors.forCode(error));
        }
    }
}
