import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AdminTest {
    private static Admin admin;

    @BeforeAll
    static void open() {
        admin = Clients.admin();
    }

    @AfterAll
    static void close() {
        admin.close();
    }

    @Test
    @DisplayName("a topic is created, listed, described and deleted")
    void topics() throws Exception {
        String topic = Clients.unique("created");
        var created = admin.createTopics(
            List.of(new NewTopic(topic, 3, (short) 1).configs(Map.of("retention.ms", "12345"))));
        Clients.get(created.all());
        assertEquals(3, Clients.get(created.numPartitions(topic)));
        assertEquals("12345", Clients.get(created.config(topic)).get("retention.ms").value());
        assertTrue(Clients.get(admin.listTopics().names()).contains(topic));
        var descriptions = admin.describeTopics(List.of(topic)).allTopicNames();
        var described = Clients.get(descriptions).get(topic);
        var partitions = described.partitions().stream().map(p -> p.partition()).toList();
        assertEquals(List.of(0, 1, 2), partitions);
        assertEquals(Clients.get(created.topicId(topic)), described.topicId());
        assertTrue(described.partitions().stream().allMatch(p -> p.isr().contains(p.leader())));

        assertInstanceOf(TopicExistsException.class, Clients.errorOf(
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all()
                .toCompletionStage().toCompletableFuture()));
        Clients.get(admin.deleteTopics(List.of(topic)).all());
        assertFalse(Clients.get(admin.listTopics().names()).contains(topic));
        assertInstanceOf(UnknownTopicOrPartitionException.class, Clients.errorOf(
            admin.describeTopics(List.of(topic)).allTopicNames()
                .toCompletionStage().toCompletableFuture()));
    }

    @Test
    @DisplayName("a topic's name has to be legal")
    void illegalNames() throws Exception {
        for (String name : List.of("bad name!", "..", "x".repeat(250))) {
            assertInstanceOf(InvalidTopicException.class, Clients.errorOf(
                admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all()
                    .toCompletionStage().toCompletableFuture()));
        }
    }

    @Test
    @DisplayName("configs tell values, sources and defaults of topics and brokers")
    void configs() throws Exception {
        String topic = Clients.unique("configured");
        Clients.createTopic(topic, 1, Map.of("max.message.bytes", "54321"));
        var ofTopic = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        String node = Clients.get(admin.describeCluster().controller()).idString();
        var ofBroker = new ConfigResource(ConfigResource.Type.BROKER, node);
        var configs = Clients.get(admin.describeConfigs(List.of(ofTopic, ofBroker)).all());
        var set = configs.get(ofTopic).get("max.message.bytes");
        assertEquals("54321", set.value());
        assertEquals("DYNAMIC_TOPIC_CONFIG", set.source().name());
        var unset = configs.get(ofTopic).get("segment.bytes");
        assertEquals("1073741824", unset.value());
        assertTrue(unset.isDefault());
        assertEquals(node, configs.get(ofBroker).get("node.id").value());
    }

    @Test
    @DisplayName("the cluster is one broker that listens where the clients reached it")
    void cluster() throws Exception {
        var cluster = admin.describeCluster();
        var nodes = Clients.get(cluster.nodes());
        assertEquals(1, nodes.size());
        var node = nodes.iterator().next();
        assertEquals(Clients.BOOTSTRAP, node.host() + ":" + node.port());
        assertEquals(node.id(), Clients.get(cluster.controller()).id());
        assertFalse(Clients.get(cluster.clusterId()).isEmpty());
    }

    @Test
    @DisplayName("a group is listed and described with its members and offsets")
    void groups() throws Exception {
        String topic = Clients.newTopic("grouped", 2);
        String group = Clients.unique("group");
        try (var member = Clients.consumer(Map.of("group.id", group, "client.id", "the-member"))) {
            member.subscribe(List.of(topic));
            Clients.waitUntil("the member has its partitions", () -> {
                member.poll(Duration.ofMillis(50));
                return member.assignment().size() == 2;
            });
            var place = new TopicPartition(topic, 1);
            member.commitSync(Map.of(place, new OffsetAndMetadata(4, "why")));
            assertTrue(Clients.get(admin.listGroups().all()).stream()
                .anyMatch(listed -> listed.groupId().equals(group)));
            var described =
                Clients.get(admin.describeConsumerGroups(List.of(group)).all()).get(group);
            assertEquals(GroupState.STABLE, described.groupState());
            var only = described.members().iterator().next();
            assertEquals("the-member", only.clientId());
            assertEquals(member.assignment(), only.assignment().topicPartitions());
        }
        var left = Clients.get(admin.describeConsumerGroups(List.of(group)).all()).get(group);
        assertEquals(GroupState.EMPTY, left.groupState());
        assertEquals(Map.of(new TopicPartition(topic, 1), new OffsetAndMetadata(4, "why")),
            Clients.get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()));
    }

    private static OffsetSpec since(long timestamp) {
        return OffsetSpec.forTimestamp(timestamp);
    }

    private static long offset(TopicPartition place, OffsetSpec spec, IsolationLevel isolation)
        throws Exception {
        return Clients.get(
            admin.listOffsets(Map.of(place, spec), new ListOffsetsOptions(isolation)).all())
            .get(place).offset();
    }

    @Test
    @DisplayName("offsets are listed: earliest, latest, by time, of the highest time, last stable")
    void offsets() throws Exception {
        String topic = Clients.newTopic("offsets", 1);
        var place = new TopicPartition(topic, 0);
        try (var producer = Clients.producer(Map.of())) {
            for (long time : new long[] {1_000, 5_000, 3_000}) {
                producer.send(new ProducerRecord<>(topic, 0, 1_700_000_000_000L + time, null, "v"))
                    .get();
            }
        }
        var uncommitted = IsolationLevel.READ_UNCOMMITTED;
        var committed = IsolationLevel.READ_COMMITTED;
        assertEquals(1, offset(place, OffsetSpec.maxTimestamp(), uncommitted));
        try (var open = Clients.transactional(Clients.unique("id"))) {
            open.beginTransaction();
            Clients.write(open, topic, 0, List.of("open"));
            assertEquals(0, offset(place, OffsetSpec.earliest(), uncommitted));
            assertEquals(4, offset(place, OffsetSpec.latest(), uncommitted));
            assertEquals(3, offset(place, OffsetSpec.latest(), committed));
            assertEquals(1, offset(place, since(1_700_000_002_000L), uncommitted));
            assertEquals(3, offset(place, since(1_700_000_005_001L), uncommitted));
            assertEquals(-1, offset(place, since(4_000_000_000_000L), uncommitted));
            open.commitTransaction();
        }
        Clients.waitUntil("the marker is written",
            () -> offset(place, OffsetSpec.latest(), committed) == 5);
    }

    private static ProducerState onlyProducer(TopicPartition place) throws Exception {
        var states = Clients.get(admin.describeProducers(List.of(place)).all()).get(place);
        assertEquals(1, states.activeProducers().size());
        return states.activeProducers().get(0);
    }

    @Test
    @DisplayName("an open transaction is found by its producers and its transactional id")
    void transactions() throws Exception {
        String topic = Clients.newTopic("transactions", 1);
        String id = Clients.unique("id");
        var place = new TopicPartition(topic, 0);
        Clients.write(topic, 0, List.of());
        try (var producer = Clients.transactional(id, 54_321)) {
            producer.beginTransaction();
            Clients.write(producer, topic, 0, List.of("open"));
            var state = onlyProducer(place);
            assertEquals(0, state.lastSequence());
            assertEquals(0, state.currentTransactionStartOffset().orElseThrow());
            var description =
                Clients.get(admin.describeTransactions(List.of(id)).description(id));
            assertEquals(TransactionState.ONGOING, description.state());
            assertEquals(Set.of(place), description.topicPartitions());
            assertEquals(state.producerId(), description.producerId());
            assertEquals(state.producerEpoch(), description.producerEpoch());
            assertEquals(54_321, description.transactionTimeoutMs());
            assertTrue(Clients.get(admin.listTransactions().all()).contains(
                new TransactionListing(id, state.producerId(), TransactionState.ONGOING)));
            producer.commitTransaction();
        }
        Clients.waitUntil("the transaction is complete",
            () -> Clients.get(admin.describeTransactions(List.of(id)).description(id)).state()
                == TransactionState.COMPLETE_COMMIT);
        assertTrue(onlyProducer(place).currentTransactionStartOffset().isEmpty());
    }

    @Test
    @DisplayName("fencing a transactional id ends its producer's transaction")
    void fenceProducers() throws Exception {
        String topic = Clients.newTopic("fenced", 1);
        String id = Clients.unique("id");
        try (var producer = Clients.transactional(id)) {
            producer.beginTransaction();
            Clients.write(producer, topic, 0, List.of("fenced"));
            var fenced = admin.fenceProducers(List.of(id));
            Clients.get(fenced.all());
            assertTrue(Clients.get(fenced.epochId(id)) > 0);
            assertThrows(ProducerFencedException.class, producer::commitTransaction);
        }
        assertEquals(List.of(), Clients.valuesOf(topic, Clients.READ_COMMITTED));
        assertEquals(List.of("fenced"), Clients.valuesOf(topic, Clients.READ_UNCOMMITTED));
        assertEquals(TransactionState.EMPTY,
            Clients.get(admin.describeTransactions(List.of(id)).description(id)).state());
    }

    @Test
    @DisplayName("records before an offset can be deleted")
    void deleteRecords() throws Exception {
        String topic = Clients.newTopic("deleted", 1);
        var place = new TopicPartition(topic, 0);
        Clients.write(topic, 0, Clients.numbered("", 10));
        var deleted = admin.deleteRecords(Map.of(place, RecordsToDelete.beforeOffset(6)));
        assertEquals(6, Clients.get(deleted.lowWatermarks().get(place)).lowWatermark());
        assertEquals(6, offset(place, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED));
        assertEquals(Clients.numbered("", 10).subList(6, 10),
            Clients.valuesOf(topic, Clients.READ_UNCOMMITTED));
    }
}
