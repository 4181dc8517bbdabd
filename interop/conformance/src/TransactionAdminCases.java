import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.*;
import org.apache.kafka.common.protocol.ApiKeys;

/** What an administrator sees of transactions and does about them (KIP-664), and of the cluster. */
final class TransactionAdminCases {
    private static final String QUIET = "quiet";
    private static final long NOBODY = 1L << 40;

    private interface Change {
        void on(Transaction transaction) throws Exception;
    }

    private static final Map<String, Change> STATES = Map.of(
        "Empty", transaction -> {},
        "Ongoing", transaction -> transaction.begin(true),
        "CompleteCommit", transaction -> {
            transaction.begin(true);
            transaction.end(true, true);
        },
        "CompleteAbort", transaction -> {
            transaction.begin(false);
            transaction.end(false, false);
        });

    private TransactionAdminCases() {
    }

    static void addTo(Cases cases) {
        addDescriptions(cases);
        addLists(cases);
        addProducers(cases);
        addMarkers(cases);
        addCluster(cases);
    }

    private static Transaction transaction(Broker broker, String state) throws Exception {
        var transaction = new Transaction(broker, broker.unique("transaction"));
        transaction.start();
        STATES.get(state).on(transaction);
        return transaction;
    }

    private static void addDescriptions(Cases cases) {
        for (List<String> ids : List.of(List.<String>of(), List.of(""), List.of("nobody's"),
                 List.of("nobody's", "nobody's"))) {
            cases.each(ApiKeys.DESCRIBE_TRANSACTIONS, ids.size() + " ids " + ids,
                (broker, version) -> described(broker, version, ids));
        }
        for (String state : STATES.keySet().stream().sorted().toList()) {
            cases.each(ApiKeys.DESCRIBE_TRANSACTIONS, state, (broker, version)
                -> described(broker, version, List.of(transaction(broker, state).id())));
        }
    }

    /** When it began differs: whether it has counts. */
    private static Facts described(Broker broker, short version, List<String> ids)
        throws Exception {
        DescribeTransactionsResponseData answer =
            broker.ask(version, new DescribeTransactionsRequestData().setTransactionalIds(ids));
        answer.transactionStates().forEach(state
            -> state.setTransactionStartTimeMs(Math.min(state.transactionStartTimeMs(), 1)));
        return Facts.of(version, answer);
    }

    /** Of one transaction, among all that other cases began. */
    private static void addLists(Cases cases) {
        for (String state : STATES.keySet().stream().sorted().toList()) {
            list(cases, 0, state, state, request -> {});
        }
        list(cases, 0, "states that it is in, or not", "Ongoing",
            request -> request.setStateFilters(List.of("Empty", "Ongoing")));
        list(cases, 0, "states that it is not in", "Ongoing",
            request -> request.setStateFilters(List.of("Empty", "PrepareAbort")));
        list(cases, 0, "states that there are not", "Ongoing",
            request -> request.setStateFilters(List.of("Nonsense", "ongoing", "")));
        list(cases, 0, "states that there are not, and its own", "Ongoing",
            request -> request.setStateFilters(List.of("Nonsense", "Ongoing")));
        list(cases, 0, "another producer", "Ongoing",
            request -> request.setProducerIdFilters(List.of(NOBODY, -1L)));
        for (long duration : new long[] {-2, -1, 1_000_000_000}) {
            for (String state : List.of("Empty", "Ongoing")) {
                list(cases, 1, state + " for " + duration + " ms", state,
                    request -> request.setDurationFilter(duration));
            }
        }
        for (String pattern :
            new String[] {null, "", ".*", "transaction-.*", "saction", "(", "nobody"}) {
            list(cases, 2, "pattern " + pattern, "Ongoing",
                request -> request.setTransactionalIdPattern(pattern));
        }
    }

    private static void list(Cases cases, int first, String situation, String state,
        Consumer<ListTransactionsRequestData> change) {
        cases.each(ApiKeys.LIST_TRANSACTIONS, first, Short.MAX_VALUE, situation,
            (broker, version) -> {
                long producer = transaction(broker, state).producer.id();
                var request = new ListTransactionsRequestData().setProducerIdFilters(
                    List.of(producer));
                change.accept(request);
                return Facts.of(version, broker.ask(version, request));
            });
    }

    private static void addProducers(Cases cases) {
        for (String topic : List.of("", QUIET, "nowhere")) {
            for (int partition : List.of(-1, 0, 3, 4)) {
                cases.each(ApiKeys.DESCRIBE_PRODUCERS, "topic '" + topic + "', " + partition,
                    (broker, version) -> {
                        broker.topicId(QUIET);
                        var request = new DescribeProducersRequestData();
                        request.topics().add(new TopicRequest()
                                .setName(topic)
                                .setPartitionIndexes(List.of(partition)));
                        return Facts.of(version, broker.ask(version, request));
                    });
            }
        }
        cases.each(ApiKeys.DESCRIBE_PRODUCERS, "nothing", (broker, version)
            -> Facts.of(version, broker.ask(version, new DescribeProducersRequestData())));
    }

    /** Whoever the producer is: markers end what there is, or nothing. */
    private static void addMarkers(Cases cases) {
        mark(cases, "no marker", request -> request.setMarkers(List.of()));
        mark(cases, "no topic", request -> request.markers().get(0).setTopics(List.of()));
        for (boolean commits : List.of(false, true)) {
            mark(cases, "a producer that never wrote, commit " + commits,
                request -> request.markers().get(0).setTransactionResult(commits));
        }
        mark(cases, "an unknown topic", request -> topic(request).setName("nowhere"));
        for (List<Integer> partitions : List.of(List.<Integer>of(), List.of(-1), List.of(4),
                 List.of(0, 4))) {
            mark(cases, "partitions " + partitions,
                request -> topic(request).setPartitionIndexes(partitions));
        }
        for (int epoch : List.of(-1, 7)) {
            mark(cases, "coordinator epoch " + epoch,
                request -> request.markers().get(0).setCoordinatorEpoch(epoch));
        }
    }

    private static void mark(
        Cases cases, String situation, Consumer<WriteTxnMarkersRequestData> change) {
        cases.each(ApiKeys.WRITE_TXN_MARKERS, situation, (broker, version) -> {
            broker.topicId("marked");
            var transaction = new Transaction(broker, broker.unique("transaction"));
            transaction.start();
            var topic = new WritableTxnMarkerTopic().setName("marked").setPartitionIndexes(
                List.of(0));
            var marker = new WritableTxnMarker()
                             .setProducerId(transaction.producer.id())
                             .setProducerEpoch(transaction.producer.epoch())
                             .setTopics(List.of(topic));
            var request = new WriteTxnMarkersRequestData().setMarkers(List.of(marker));
            change.accept(request);
            return Facts.of(version, broker.ask(version, request));
        });
    }

    private static WritableTxnMarkerTopic topic(WriteTxnMarkersRequestData request) {
        return request.markers().get(0).topics().get(0);
    }

    private static void addCluster(Cases cases) {
        for (boolean withOperations : List.of(false, true)) {
            cases.each(ApiKeys.DESCRIBE_CLUSTER, "operations " + withOperations,
                (broker, version) -> cluster(broker, version,
                    new DescribeClusterRequestData().setIncludeClusterAuthorizedOperations(
                        withOperations)));
        }
        for (byte type : new byte[] {-1, 0, 1, 2, 3}) {
            cases.each(ApiKeys.DESCRIBE_CLUSTER, 1, Short.MAX_VALUE, "endpoints of type " + type,
                (broker, version) -> cluster(broker, version,
                    new DescribeClusterRequestData().setEndpointType(type)));
        }
        cases.each(ApiKeys.DESCRIBE_CLUSTER, 2, Short.MAX_VALUE, "also fenced brokers",
            (broker, version) -> cluster(broker, version,
                new DescribeClusterRequestData().setIncludeFencedBrokers(true)));
    }

    private static Facts cluster(Broker broker, short version, DescribeClusterRequestData request)
        throws Exception {
        return Facts.of(version, broker.ask(version, request));
    }
}
