import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignmentCollection;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfigCollection;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.*;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** Topics that cannot be made, found or read. */
final class TopicCases {
    private static final String EMPTY = "empty";
    private static final String UNKNOWN = "unknown";
    private static final Uuid UNKNOWN_ID = new Uuid(1, 2);

    private TopicCases() {
    }

    static void addTo(Cases cases) {
        addCreations(cases);
        addDeletions(cases);
        addMetadata(cases);
        addListOffsets(cases);
        addFetches(cases);
        addRecordDeletions(cases);
        addLeaderEpochs(cases);
    }

    private static void addCreations(Cases cases) {
        for (String name : List.of("", ".", "..", "a b", "a/b", "ä", "x".repeat(249),
                 "x".repeat(250), "__consumer_offsets")) {
            creation(cases, "a topic named '" + name + "'", topic(name));
        }
        for (int partitions : List.of(-2, -1, 0, 1)) {
            creation(cases, partitions + " partitions", topic("p").setNumPartitions(partitions));
        }
        for (int replicas : List.of(-2, -1, 0, 2, 3)) {
            creation(cases, "replication factor " + replicas,
                topic("r").setReplicationFactor((short) replicas));
        }
        Map.of("no.such.key", "1", "retention.ms", "soon", "cleanup.policy", "burn",
               "segment.bytes", "-1", "compression.type", "best", "max.message.bytes", "-1")
            .forEach((key, value) -> {
                var configs = new CreatableTopicConfigCollection();
                configs.add(new CreatableTopicConfig().setName(key).setValue(value));
                creation(cases, key + "=" + value, topic("c").setConfigs(configs));
            });
        var nullValue = new CreatableTopicConfigCollection();
        nullValue.add(new CreatableTopicConfig().setName("retention.ms").setValue(null));
        creation(cases, "a config without value", topic("c").setConfigs(nullValue));
        creation(cases, "the same topic twice", topic("twice"), topic("twice"));
        creation(cases, "no topic");
        assignment(cases, "an assignment to an unknown broker", Map.of(0, List.of(7)));
        assignment(cases, "an assignment twice to a broker", Map.of(0, List.of(1, 1)));
        assignment(cases, "an assignment without partition 0", Map.of(1, List.of(1)));
        assignment(cases, "an assignment to nobody", Map.of(0, List.of()));
        assignment(cases, "an assignment", Map.of(0, List.of(1)));
        cases.each(ApiKeys.CREATE_TOPICS, "a topic that exists", (broker, version) -> {
            broker.topicId(EMPTY);
            return answer(broker, version, create(topic(EMPTY)));
        });
        cases.each(ApiKeys.CREATE_TOPICS, "a name that collides", (broker, version) -> {
            broker.topicId("col.lides");
            return answer(broker, version, create(topic("col_lides")));
        });
    }

    private static void assignment(
        Cases cases, String situation, Map<Integer, List<Integer>> replicas) {
        var assignments = new CreatableReplicaAssignmentCollection();
        replicas.forEach(
            (partition, brokers)
                -> assignments.add(
                    new CreatableReplicaAssignment().setPartitionIndex(partition).setBrokerIds(
                        brokers)));
        creation(cases, situation,
            topic("assigned")
                .setNumPartitions(-1)
                .setReplicationFactor((short) -1)
                .setAssignments(assignments));
    }

    private static void creation(Cases cases, String situation, CreatableTopic... topics) {
        cases.each(ApiKeys.CREATE_TOPICS, situation,
            (broker, version) -> answer(broker, version, create(topics).setValidateOnly(true)));
    }

    private static CreatableTopic topic(String name) {
        return new CreatableTopic().setName(name).setNumPartitions(1).setReplicationFactor(
            (short) 1);
    }

    private static CreateTopicsRequestData create(CreatableTopic... topics) {
        var collection = new CreatableTopicCollection();
        for (CreatableTopic topic : topics) {
            collection.mustAdd(topic.duplicate());
        }
        return new CreateTopicsRequestData().setTopics(collection).setTimeoutMs(5_000);
    }

    private static void addDeletions(Cases cases) {
        for (String name : List.of(UNKNOWN, "", "a b")) {
            cases.each(ApiKeys.DELETE_TOPICS, 1, 5, "topic '" + name + "'",
                (broker, version)
                    -> answer(broker, version,
                        new DeleteTopicsRequestData()
                            .setTopicNames(List.of(name))
                            .setTimeoutMs(5_000)));
            deletion(cases, "topic '" + name + "'", new DeleteTopicState().setName(name));
        }
        deletion(
            cases, "an unknown id", new DeleteTopicState().setName(null).setTopicId(UNKNOWN_ID));
        deletion(cases, "neither name nor id", new DeleteTopicState().setName(null));
        deletion(cases, "both name and id",
            new DeleteTopicState().setName(UNKNOWN).setTopicId(UNKNOWN_ID));
        deletion(cases, "an unknown topic twice", new DeleteTopicState().setName(UNKNOWN),
            new DeleteTopicState().setName(UNKNOWN));
        cases.each(ApiKeys.DELETE_TOPICS, 6, 6, "a topic by its id",
            (broker, version)
                -> answer(broker, version,
                    new DeleteTopicsRequestData().setTimeoutMs(5_000).setTopics(
                        List.of(new DeleteTopicState().setName(null).setTopicId(
                            broker.topicId("doomed"))))));
    }

    private static void deletion(Cases cases, String situation, DeleteTopicState... topics) {
        cases.each(ApiKeys.DELETE_TOPICS, 6, 6, situation,
            (broker, version)
                -> answer(broker, version,
                    new DeleteTopicsRequestData().setTopics(List.of(topics)).setTimeoutMs(5_000)));
    }

    private static void addMetadata(Cases cases) {
        for (String name : List.of(UNKNOWN, "", "a b", EMPTY)) {
            cases.each(ApiKeys.METADATA, 4, 13, "topic '" + name + "'", (broker, version) -> {
                broker.topicId(EMPTY);
                return metadata(broker, version, new MetadataRequestTopic().setName(name));
            });
        }
        cases.each(ApiKeys.METADATA, 4, 13, "the same topic twice", (broker, version) -> {
            broker.topicId(EMPTY);
            return metadata(broker, version, new MetadataRequestTopic().setName(EMPTY),
                new MetadataRequestTopic().setName(EMPTY));
        });
        cases.each(ApiKeys.METADATA, 10, 13, "an unknown id",
            (broker, version)
                -> metadata(broker, version,
                    new MetadataRequestTopic().setName(null).setTopicId(UNKNOWN_ID)));
        cases.each(ApiKeys.METADATA, 10, 13, "neither name nor id",
            (broker,
                version) -> metadata(broker, version, new MetadataRequestTopic().setName(null)));
        cases.each(ApiKeys.METADATA, 10, 13, "a topic by its id",
            (broker, version)
                -> metadata(broker, version,
                    new MetadataRequestTopic().setName(null).setTopicId(broker.topicId(EMPTY))));
        cases.each(ApiKeys.METADATA, 10, 13, "both name and id",
            (broker, version)
                -> metadata(broker, version,
                    new MetadataRequestTopic().setName(EMPTY).setTopicId(broker.topicId(EMPTY))));
        cases.each(
            ApiKeys.METADATA, 1, 13, "no topics", (broker, version) -> metadata(broker, version));
        var name = new TopicRequest().setName(UNKNOWN);
        cases.each(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, "an unknown topic",
            (broker, version)
                -> answer(broker, version,
                    new DescribeTopicPartitionsRequestData().setTopics(List.of(name))));
        for (int limit : List.of(-1, 0, 2)) {
            cases.each(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, "limit " + limit, (broker, version) -> {
                broker.topicId(EMPTY);
                return answer(broker, version,
                    new DescribeTopicPartitionsRequestData()
                        .setTopics(List.of(new TopicRequest().setName(EMPTY)))
                        .setResponsePartitionLimit(limit));
            });
        }
    }

    private static Facts metadata(Broker broker, short version, MetadataRequestTopic... topics)
        throws Exception {
        return answer(broker, version,
            new MetadataRequestData()
                .setTopics(List.of(topics))
                .setAllowAutoTopicCreation(version < 4));
    }

    private static void addListOffsets(Cases cases) {
        for (long timestamp : new long[] {-1, -2, -3, -4, -5, -6, -7, 0, 1, Long.MAX_VALUE}) {
            listing(cases, "timestamp " + timestamp, EMPTY,
                new ListOffsetsPartition().setTimestamp(timestamp));
        }
        for (int partition : List.of(-1, 4)) {
            listing(cases, "partition " + partition + " of 4", EMPTY,
                new ListOffsetsPartition().setPartitionIndex(partition).setTimestamp(-1));
        }
        for (int epoch : List.of(-2, 0, 1, 100)) {
            cases.each(ApiKeys.LIST_OFFSETS, 4, 11, "leader epoch " + epoch,
                (broker, version)
                    -> list(broker, version, EMPTY,
                        new ListOffsetsPartition().setTimestamp(-1).setCurrentLeaderEpoch(epoch)));
        }
        cases.each(ApiKeys.LIST_OFFSETS, "an unknown topic",
            (broker, version)
                -> answer(broker, version,
                    offsets(UNKNOWN, new ListOffsetsPartition().setTimestamp(-1))));
        listing(cases, "the same partition twice", EMPTY,
            new ListOffsetsPartition().setTimestamp(-1),
            new ListOffsetsPartition().setTimestamp(-2));
    }

    private static void listing(
        Cases cases, String situation, String topic, ListOffsetsPartition... partitions) {
        cases.each(ApiKeys.LIST_OFFSETS, situation,
            (broker, version) -> list(broker, version, topic, partitions));
    }

    private static Facts list(Broker broker, short version, String topic,
        ListOffsetsPartition... partitions) throws Exception {
        broker.topicId(topic);
        return answer(broker, version, offsets(topic, partitions));
    }

    private static ListOffsetsRequestData offsets(
        String topic, ListOffsetsPartition... partitions) {
        return new ListOffsetsRequestData().setReplicaId(-1).setTopics(
            List.of(new ListOffsetsTopic().setName(topic).setPartitions(List.of(partitions))));
    }

    private static void addFetches(Cases cases) {
        record Place(String situation, int partition, long offset, int epoch) {
        }
        for (var place : List.of(new Place("an empty partition", 0, 0, -1),
                 new Place("offset 1 of none", 0, 1, -1), new Place("offset -1", 0, -1, -1),
                 new Place("partition 4 of 4", 4, 0, -1), new Place("partition -1", -1, 0, -1))) {
            cases.each(ApiKeys.FETCH, place.situation,
                (broker, version)
                    -> answer(broker, version,
                        fetch(broker, version, place.partition, place.offset, -1)));
        }
        for (int epoch : List.of(0, 1, 100)) {
            cases.each(ApiKeys.FETCH, 9, 18, "leader epoch " + epoch,
                (broker, version) -> answer(broker, version, fetch(broker, version, 0, 0, epoch)));
        }
        cases.each(ApiKeys.FETCH, 7, 18, "an unknown session",
            (broker, version)
                -> answer(broker, version,
                    fetch(broker, version, 0, 0, -1).setSessionId(77).setSessionEpoch(1)));
        cases.each(ApiKeys.FETCH, 7, 18, "a session with a wrong epoch", (broker, version) -> {
            org.apache.kafka.common.message.FetchResponseData first = broker.ask(
                version, fetch(broker, version, 0, 0, -1).setSessionId(0).setSessionEpoch(0));
            return answer(broker, version,
                fetch(broker, version, 0, 0, -1)
                    .setSessionId(first.sessionId())
                    .setSessionEpoch(5));
        });
        cases.each(ApiKeys.FETCH, "an unknown topic", (broker, version) -> {
            var request = fetch(broker, version, 0, 0, -1);
            request.topics().get(0).setTopic(version < 13 ? UNKNOWN : "").setTopicId(UNKNOWN_ID);
            return answer(broker, version, request);
        });
    }

    private static FetchRequestData fetch(
        Broker broker, short version, int partition, long offset, int epoch) throws Exception {
        var wanted = new FetchPartition()
                         .setPartition(partition)
                         .setFetchOffset(offset)
                         .setCurrentLeaderEpoch(epoch)
                         .setPartitionMaxBytes(1_000);
        var id = broker.topicId(EMPTY);
        var request = new FetchRequestData().setMaxWaitMs(0).setMinBytes(0).setSessionEpoch(-1);
        return request.setTopics(List.of(new FetchTopic()
                .setTopic(version < 13 ? EMPTY : "")
                .setTopicId(id)
                .setPartitions(List.of(wanted))));
    }

    private static void addRecordDeletions(Cases cases) {
        record Place(String topic, int partition, long offset) {
        }
        for (var place :
            List.of(new Place(EMPTY, 0, 0), new Place(EMPTY, 0, -1), new Place(EMPTY, 0, -2),
                new Place(EMPTY, 0, 1), new Place(EMPTY, 4, 0), new Place(UNKNOWN, 0, 0))) {
            cases.each(ApiKeys.DELETE_RECORDS, place.toString(), (broker, version) -> {
                broker.topicId(EMPTY);
                var partition = new DeleteRecordsPartition()
                                    .setPartitionIndex(place.partition)
                                    .setOffset(place.offset);
                return answer(broker, version,
                    new DeleteRecordsRequestData().setTimeoutMs(5_000).setTopics(
                        List.of(new DeleteRecordsTopic()
                                .setName(place.topic)
                                .setPartitions(List.of(partition)))));
            });
        }
    }

    private static void addLeaderEpochs(Cases cases) {
        record Place(String topic, int partition, int current, int asked) {
        }
        for (var place : List.of(new Place(EMPTY, 0, -1, 0), new Place(EMPTY, 0, 0, 0),
                 new Place(EMPTY, 0, 5, 0), new Place(EMPTY, 0, -1, 5), new Place(EMPTY, 0, -1, -1),
                 new Place(EMPTY, 4, -1, 0), new Place(UNKNOWN, 0, -1, 0))) {
            cases.each(ApiKeys.OFFSET_FOR_LEADER_EPOCH, place.toString(), (broker, version) -> {
                broker.topicId(EMPTY);
                var partition = new OffsetForLeaderPartition()
                                    .setPartition(place.partition)
                                    .setCurrentLeaderEpoch(place.current)
                                    .setLeaderEpoch(place.asked);
                var topics = new OffsetForLeaderTopicCollection();
                topics.add(new OffsetForLeaderTopic()
                        .setTopic(place.topic)
                        .setPartitions(List.of(partition)));
                return answer(broker, version,
                    new OffsetForLeaderEpochRequestData().setReplicaId(-1).setTopics(topics));
            });
        }
    }

    private static Facts answer(Broker broker, short version, ApiMessage request) throws Exception {
        return Facts.of(version, broker.ask(version, request));
    }
}
