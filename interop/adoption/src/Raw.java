import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.*;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * A producer that says in each request exactly what it is told to: id, epoch, sequence; and
 * members of consumer groups and streams groups.
 */
final class Raw implements AutoCloseable {
    /** `transactionalId`: null without one. */
    record Producer(String transactionalId, long id, short epoch) {
        static Producer parse(String text) {
            String[] parts = text.split(" ");
            return new Producer(parts[0].equals("-") ? null : parts[0], Long.parseLong(parts[1]),
                Short.parseShort(parts[2]));
        }

        @Override
        public String toString() {
            return (transactionalId == null ? "-" : transactionalId) + " " + id + " " + epoch;
        }
    }

    record Produced(Errors error, long offset) {
    }

    private static final long PATIENCE_NS = 20_000_000_000L;
    /** A broker that has just started says these for a while, and so does one at work. */
    private static final Set<Errors> BUSY = Set.of(Errors.CONCURRENT_TRANSACTIONS,
        Errors.NOT_COORDINATOR, Errors.COORDINATOR_NOT_AVAILABLE,
        Errors.COORDINATOR_LOAD_IN_PROGRESS, Errors.NOT_LEADER_OR_FOLLOWER,
        Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.NOT_ENOUGH_REPLICAS);

    private final Connection connection;

    Raw(String bootstrap) throws IOException {
        connection =
            new Connection(Integer.parseInt(bootstrap.substring(bootstrap.lastIndexOf(':') + 1)));
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    Producer init(String transactionalId, int timeoutMs) throws Exception {
        var request = new InitProducerIdRequestData()
                          .setTransactionalId(transactionalId)
                          .setTransactionTimeoutMs(timeoutMs)
                          .setProducerId(-1)
                          .setProducerEpoch((short) -1);
        InitProducerIdResponseData answer =
            askUntilNotBusy(4, request, InitProducerIdResponseData::errorCode);
        require(Errors.forCode(answer.errorCode()));
        return new Producer(transactionalId, answer.producerId(), answer.producerEpoch());
    }

    Produced produce(Producer producer, String topic, int sequence, String... values)
        throws Exception {
        SimpleRecord[] of = new SimpleRecord[values.length];
        for (int i = 0; i < of.length; i++) {
            of[i] = new SimpleRecord(System.currentTimeMillis(), values[i].getBytes());
        }
        var records = producer.transactionalId == null
            ? MemoryRecords.withIdempotentRecords(
                Compression.NONE, producer.id, producer.epoch, sequence, of)
            : MemoryRecords.withTransactionalRecords(
                Compression.NONE, producer.id, producer.epoch, sequence, of);
        var topics = new TopicProduceDataCollection();
        topics.add(new TopicProduceData().setName(topic).setPartitionData(
            List.of(new PartitionProduceData().setIndex(0).setRecords(records))));
        var request = new ProduceRequestData()
                          .setTransactionalId(producer.transactionalId)
                          .setAcks((short) -1)
                          .setTimeoutMs(5_000)
                          .setTopicData(topics);
        ProduceResponseData answer =
            askUntilNotBusy(11, request, (ProduceResponseData it) -> partition(it).errorCode());
        return new Produced(
            Errors.forCode(partition(answer).errorCode()), partition(answer).baseOffset());
    }

    void addPartition(Producer producer, String topic) throws Exception {
        var topics = new AddPartitionsToTxnTopicCollection();
        topics.add(new AddPartitionsToTxnTopic().setName(topic).setPartitions(List.of(0)));
        var request = new AddPartitionsToTxnRequestData()
                          .setV3AndBelowTransactionalId(producer.transactionalId)
                          .setV3AndBelowProducerId(producer.id)
                          .setV3AndBelowProducerEpoch(producer.epoch)
                          .setV3AndBelowTopics(topics);
        AddPartitionsToTxnResponseData answer =
            askUntilNotBusy(3, request, Raw::errorOf);
        require(Errors.forCode(errorOf(answer)));
    }

    Errors end(Producer producer, boolean commit) throws Exception {
        var request = new EndTxnRequestData()
                          .setTransactionalId(producer.transactionalId)
                          .setProducerId(producer.id)
                          .setProducerEpoch(producer.epoch)
                          .setCommitted(commit);
        EndTxnResponseData answer = askUntilNotBusy(3, request, EndTxnResponseData::errorCode);
        return Errors.forCode(answer.errorCode());
    }

    ConsumerGroupHeartbeatResponseData beat(ConsumerGroupHeartbeatRequestData request)
        throws Exception {
        ConsumerGroupHeartbeatResponseData answer =
            askUntilNotBusy(1, request, ConsumerGroupHeartbeatResponseData::errorCode);
        require(Errors.forCode(answer.errorCode()));
        return answer;
    }

    StreamsGroupHeartbeatResponseData beat(StreamsGroupHeartbeatRequestData request)
        throws Exception {
        StreamsGroupHeartbeatResponseData answer =
            askUntilNotBusy(0, request, StreamsGroupHeartbeatResponseData::errorCode);
        require(Errors.forCode(answer.errorCode()));
        return answer;
    }

    static void require(Errors error) {
        if (error != Errors.NONE) {
            throw new AssertionError(error);
        }
    }

    @SuppressWarnings("unchecked")
    private <Response extends ApiMessage> Response askUntilNotBusy(
        int version, ApiMessage request, ToIntFunction<Response> error) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (true) {
            var answer = (Response) connection.ask((short) version, request);
            boolean busy = BUSY.contains(Errors.forCode((short) error.applyAsInt(answer)));
            if (!busy || System.nanoTime() > deadline) {
                return answer;
            }
            Thread.sleep(20);
        }
    }

    private static ProduceResponseData.PartitionProduceResponse partition(
        ProduceResponseData answer) {
        return answer.responses().iterator().next().partitionResponses().get(0);
    }

    private static short errorOf(AddPartitionsToTxnResponseData answer) {
        return answer.resultsByTopicV3AndBelow()
            .iterator()
            .next()
            .resultsByPartition()
            .iterator()
            .next()
            .partitionErrorCode();
    }
}
