import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;

/** One of the two brokers, and what the cases have made there, as one asker sees it. */
final class Broker implements AutoCloseable {
    private static final int PARTITIONS = 4;
    private static final long PATIENCE_NS = 60_000_000_000L;

    private final String name;
    private final int port;
    private final Map<String, Uuid> topicIds;
    private final AtomicInteger lastNumber;
    private final Set<String> done;
    private Connection connection;

    Broker(String name, String bootstrap) {
        this(name, Integer.parseInt(bootstrap.substring(bootstrap.lastIndexOf(':') + 1)),
            new ConcurrentHashMap<>(), new AtomicInteger(), ConcurrentHashMap.newKeySet());
    }

    private Broker(
        String name, int port, Map<String, Uuid> topicIds, AtomicInteger lastNumber,
        Set<String> done) {
        this.name = name;
        this.port = port;
        this.topicIds = topicIds;
        this.lastNumber = lastNumber;
        this.done = done;
    }

    /** The same broker for somebody who asks at the same time, over a connection of its own. */
    Broker another() {
        return new Broker(name, port, topicIds, lastNumber, done);
    }

    @Override
    public void close() throws IOException {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    /** Asks over the broker's lasting connection, which is made anew after it was closed. */
    @SuppressWarnings("unchecked")
    <Response extends ApiMessage> Response ask(int version, ApiMessage request) throws IOException {
        if (connection == null) {
            connection = connect();
        }
        boolean answered = false;
        try {
            var response = (Response) connection.ask((short) version, request);
            answered = true;
            return response;
        } finally {
            if (!answered) {
                close();
            }
        }
    }

    /** Asks again while a coordinator says that it is busy, which is a matter of time. */
    <Response extends ApiMessage> Response askUntil(
        Predicate<Response> settled, int version, ApiMessage request) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NS;
        Response response = ask(version, request);
        while (!settled.test(response) && System.nanoTime() < deadline) {
            Thread.sleep(1);
            response = ask(version, request);
        }
        return response;
    }

    /** The internal topics are made when somebody asks for a coordinator. */
    void awaitCoordinators() throws Exception {
        for (var type : List.of(CoordinatorType.TRANSACTION, CoordinatorType.GROUP)) {
            this.<FindCoordinatorResponseData>askUntil(answer
                -> answer.coordinators().get(0).errorCode() == Errors.NONE.code(),
                4,
                new FindCoordinatorRequestData().setKeyType(type.id()).setCoordinatorKeys(
                    List.of("first")));
        }
        String sharePartition = "first:" + new Uuid(1, 2) + ":0";
        this.<FindCoordinatorResponseData>askUntil(answer
            -> answer.coordinators().get(0).errorCode() == Errors.NONE.code(),
            6,
            new FindCoordinatorRequestData()
                .setKeyType(CoordinatorType.SHARE.id())
                .setCoordinatorKeys(List.of(sharePartition)));
        Transaction transaction = new Transaction(this, "first");
        transaction.start();
        transaction.beginWithOffsets(true, "a");
        transaction.end(true, true);
    }

    Connection connect() throws IOException {
        return new Connection(port);
    }

    Connection connect(String clientId) throws IOException {
        return new Connection(port, clientId);
    }

    /** A name that no other case has. It is the same in each broker. */
    String unique(String prefix) {
        return prefix + "-" + nextNumber();
    }

    int lastNumber() {
        return lastNumber.get();
    }

    int nextNumber() {
        return lastNumber.incrementAndGet();
    }

    /** True for the first who asks. */
    boolean once(String what) {
        return done.add(what);
    }

    ApiVersionsResponseData apiVersions() throws IOException {
        return ask(4,
            new ApiVersionsRequestData()
                .setClientSoftwareName("conformance")
                .setClientSoftwareVersion("1"));
    }

    /** The newest version that it says it serves of each API. */
    Map<ApiKeys, Short> newestVersions() throws IOException {
        Map<ApiKeys, Short> newest = new HashMap<>();
        for (var api : apiVersions().apiKeys()) {
            if (ApiKeys.hasId(api.apiKey())) {
                newest.put(ApiKeys.forId(api.apiKey()), api.maxVersion());
            }
        }
        return newest;
    }

    /** Makes the topic on its first use. */
    Uuid topicId(String topic) throws Exception {
        Uuid known = topicIds.get(topic);
        if (known != null) {
            return known;
        }
        var topics = new CreatableTopicCollection();
        topics.add(new CreatableTopic()
                .setName(topic)
                .setNumPartitions(PARTITIONS)
                .setReplicationFactor((short) 1));
        CreateTopicsResponseData created =
            ask(7, new CreateTopicsRequestData().setTopics(topics).setTimeoutMs(10_000));
        var result = created.topics().find(topic);
        if (result.errorCode() != Errors.NONE.code()) {
            throw new AssertionError(topic + ": " + Errors.forCode(result.errorCode()));
        }
        topicIds.put(topic, result.topicId());
        awaitLeaders(topic);
        return result.topicId();
    }

    /** Kafka's metadata is ahead of its partitions for a moment. */
    private void awaitLeaders(String topic) throws Exception {
        var partitions =
            IntStream.range(0, PARTITIONS)
                .mapToObj(i -> new ListOffsetsPartition().setPartitionIndex(i).setTimestamp(-1))
                .toList();
        this.<ListOffsetsResponseData>askUntil(answer
            -> answer.topics().get(0).partitions().stream().allMatch(
                partition -> partition.errorCode() == Errors.NONE.code()),
            7,
            new ListOffsetsRequestData().setReplicaId(-1).setTopics(
                List.of(new ListOffsetsTopic().setName(topic).setPartitions(partitions))));
    }

    @Override
    public String toString() {
        return name;
    }
}
