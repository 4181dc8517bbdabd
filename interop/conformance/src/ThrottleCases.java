import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopicCollection;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** What clients above their quotas are answered. Each asks over connections of its own. */
final class ThrottleCases {
    private static final String TOPIC = "throttled";
    private static final int ALLOWED = 11; // Partitions at once, at one a second.

    private ThrottleCases() {
    }

    static void addTo(Cases cases) {
        addProduces(cases);
        addFetches(cases);
        addMutations(cases);
        cases.each(ApiKeys.METADATA, "above the quota of thread time", (broker, version) -> {
            String client = limited(broker, QuotaCases.REQUEST, 1e-6);
            ask(broker, client, version, new MetadataRequestData().setTopics(List.of()));
            MetadataResponseData answer =
                ask(broker, client, version, new MetadataRequestData().setTopics(List.of()));
            return Facts.of("throttleTimeMs", answer.throttleTimeMs());
        });
    }

    private static void addProduces(Cases cases) {
        for (int bytes : List.of(100, 9_000, 11_000, 30_000, 500_000)) {
            cases.each(
                ApiKeys.PRODUCE, "a quota of 1000 and " + bytes + " bytes", (broker, version) -> {
                    String client = limited(broker, QuotaCases.PRODUCE, 1_000);
                    return Facts.of("throttleTimeMs", produced(broker, client, version, bytes));
                });
        }
    }

    private static int produced(Broker broker, String client, short version, int bytes)
        throws Exception {
        var records = MemoryRecords.withRecords(
            Compression.NONE, new SimpleRecord(System.currentTimeMillis(), new byte[bytes]));
        ProduceResponseData answer =
            ask(broker, client, version, BatchCases.request(broker, version, TOPIC, 0, records));
        return answer.throttleTimeMs();
    }

    private static void addFetches(Cases cases) {
        for (int epoch : List.of(-1, 0)) {
            cases.each(ApiKeys.FETCH, 7, Short.MAX_VALUE, "above the quota, epoch " + epoch,
                (broker, version) -> {
                    String topic = broker.unique("fetched");
                    var records = MemoryRecords.withRecords(
                        Compression.NONE, new SimpleRecord(new byte[8_000]));
                    broker.ask(9, BatchCases.request(broker, 9, topic, 0, records));
                    String client = limited(broker, QuotaCases.FETCH, 1_000);
                    var request = fetch(broker, version, topic).setSessionEpoch(epoch);
                    FetchResponseData given = ask(broker, client, version, request);
                    FetchResponseData held = ask(broker, client, version, request);
                    return Facts.of("given", given.responses().size())
                        .and("given after ms", given.throttleTimeMs())
                        .and("held", held.responses().size())
                        .and("held for s", seconds(held.throttleTimeMs()))
                        .and("session", held.sessionId())
                        .and("errorCode", Errors.forCode(held.errorCode()));
                });
        }
        cases.each(ApiKeys.FETCH, "one batch above the quota of a window", (broker, version) -> {
            String topic = broker.unique("fetched");
            var records =
                MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[20_000]));
            broker.ask(9, BatchCases.request(broker, 9, topic, 0, records));
            String client = limited(broker, QuotaCases.FETCH, 1_000);
            FetchResponseData answer =
                ask(broker, client, version, fetch(broker, version, topic).setSessionEpoch(-1));
            return Facts.of("topics", answer.responses().size());
        });
    }

    private static FetchRequestData fetch(Broker broker, short version, String topic)
        throws Exception {
        return new FetchRequestData().setMaxWaitMs(0).setMinBytes(0).setTopics(
            List.of(new FetchTopic()
                    .setTopic(version < 13 ? topic : "")
                    .setTopicId(broker.topicId(topic))
                    .setPartitions(List.of(new FetchPartition().setPartitionMaxBytes(1 << 20)))));
    }

    private static void addMutations(Cases cases) {
        cases.each(ApiKeys.CREATE_TOPICS, "two topics above the quota", (broker, version) -> {
            String client = limited(broker, QuotaCases.MUTATION, 1);
            CreateTopicsResponseData first =
                ask(broker, client, version, create(broker, 20, false));
            CreateTopicsResponseData second =
                ask(broker, client, version, create(broker, 1, false));
            return created("first", first).and("second", created("is", second));
        });
        cases.each(ApiKeys.CREATE_TOPICS, "validated above the quota", (broker, version) -> {
            String client = limited(broker, QuotaCases.MUTATION, 1);
            CreateTopicsResponseData first = ask(broker, client, version, create(broker, 20, true));
            CreateTopicsResponseData second =
                ask(broker, client, version, create(broker, 1, false));
            return created("first", first).and("second", created("is", second));
        });
        cases.each(ApiKeys.CREATE_TOPICS, "a faulty topic and a good one", (broker, version) -> {
            String client = limited(broker, QuotaCases.MUTATION, 1);
            CreateTopicsResponseData faulty =
                ask(broker, client, version, create(broker, -7, false));
            CreateTopicsResponseData good =
                ask(broker, client, version, create(broker, ALLOWED, false));
            return created("faulty", faulty).and("good", created("is", good));
        });
        cases.each(ApiKeys.DELETE_TOPICS, "above the quota", (broker, version) -> {
            String topic = broker.unique("mutated");
            broker.topicId(topic);
            String client = limited(broker, QuotaCases.MUTATION, 1);
            ask(broker, client, (short) 7, create(broker, 20, false));
            DeleteTopicsResponseData answer = ask(broker, client, version,
                new DeleteTopicsRequestData()
                    .setTimeoutMs(5_000)
                    .setTopicNames(version < 6 ? List.of(topic) : List.of())
                    .setTopics(
                        version < 6 ? List.of() : List.of(new DeleteTopicState().setName(topic))));
            return Facts
                .of("errorCode", Errors.forCode(answer.responses().iterator().next().errorCode()))
                .and("wait in s", seconds(answer.throttleTimeMs()));
        });
        cases.each(ApiKeys.CREATE_PARTITIONS, "above the quota", (broker, version) -> {
            String topic = broker.unique("grown");
            broker.topicId(topic);
            String client = limited(broker, QuotaCases.MUTATION, 1);
            CreatePartitionsResponseData first =
                ask(broker, client, version, grow(topic, 30));
            CreatePartitionsResponseData second =
                ask(broker, client, version, grow(topic, 31));
            return grown("first", first).and("second", grown("is", second));
        });
        cases.each(ApiKeys.METADATA, 4, Short.MAX_VALUE, "a new topic above the quota",
            (broker, version) -> {
                String client = limited(broker, QuotaCases.MUTATION, 1);
                ask(broker, client, (short) 7, create(broker, 20, false));
                var wanted = new MetadataRequestTopic().setName(broker.unique("automatic"));
                MetadataResponseData answer = ask(
                    broker, client, version, new MetadataRequestData().setTopics(List.of(wanted)));
                return Facts
                    .of("errorCode", Errors.forCode(answer.topics().iterator().next().errorCode()))
                    .and("throttleTimeMs", answer.throttleTimeMs());
            });
    }

    private static CreatePartitionsRequestData grow(String topic, int count) {
        var topics = new CreatePartitionsTopicCollection();
        topics.add(new CreatePartitionsTopic().setName(topic).setCount(count).setAssignments(null));
        return new CreatePartitionsRequestData().setTopics(topics).setTimeoutMs(5_000);
    }

    private static Facts grown(String name, CreatePartitionsResponseData answer) {
        return Facts.of(name, Errors.forCode(answer.results().get(0).errorCode()))
            .and(name + " in s", seconds(answer.throttleTimeMs()));
    }

    private static CreateTopicsRequestData create(
        Broker broker, int partitions, boolean validateOnly) {
        var topics = new CreatableTopicCollection();
        topics.add(new CreatableTopic()
                .setName(broker.unique("mutated"))
                .setNumPartitions(partitions)
                .setReplicationFactor((short) 1));
        return new CreateTopicsRequestData().setTopics(topics).setTimeoutMs(5_000).setValidateOnly(
            validateOnly);
    }

    private static Facts created(String name, CreateTopicsResponseData answer) {
        return Facts.of(name, Errors.forCode(answer.topics().iterator().next().errorCode()))
            .and(name + " in s", seconds(answer.throttleTimeMs()));
    }

    /** Some of the wait is over when it is told. */
    private static long seconds(int ms) {
        return Math.round(ms / 1_000.0);
    }

    /** A client id with a quota that is in force. */
    private static String limited(Broker broker, String key, double value) throws Exception {
        broker.topicId(TOPIC);
        String client = broker.unique("client");
        limit(broker, client, key, value);
        // A later one is in force only when this is.
        String probe = broker.unique("probe");
        limit(broker, probe, QuotaCases.PRODUCE, 1);
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (produced(broker, probe, (short) 9, 100) == 0) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no quota is in force");
            }
            Thread.sleep(1);
        }
        return client;
    }

    private static void limit(Broker broker, String client, String key, double value)
        throws Exception {
        AlterClientQuotasResponseData answer = broker.ask(1,
            new AlterClientQuotasRequestData().setEntries(List.of(QuotaCases.with(
                QuotaCases.part("client-id", client), QuotaCases.set(key, value)))));
        if (answer.entries().get(0).errorCode() != Errors.NONE.code()) {
            throw new AssertionError(answer.toString());
        }
    }

    @SuppressWarnings("unchecked")
    private static <Response extends ApiMessage> Response ask(
        Broker broker, String client, short version, ApiMessage request) throws Exception {
        try (Connection connection = broker.connect(client)) {
            return (Response) connection.ask(version, request);
        }
    }
}
