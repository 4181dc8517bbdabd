import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidUpdateVersionException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AdministrationTest {
    private static Admin admin;

    @BeforeAll
    static void open() {
        admin = Clients.admin();
    }

    @AfterAll
    static void close() {
        admin.close();
    }

    private static void assertFails(Class<? extends Throwable> expected, KafkaFuture<?> future)
        throws Exception {
        assertInstanceOf(
            expected, Clients.errorOf(future.toCompletionStage().toCompletableFuture()));
    }

    private static int partitionCount(String topic) throws Exception {
        return Clients.get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic)
            .partitions().size();
    }

    @Test
    @DisplayName("a waiting consumer is given partitions that were made meanwhile")
    void morePartitions() throws Exception {
        String topic = Clients.newTopic("grown", 1);
        try (var member = Clients.consumer(
                 Map.of("group.id", Clients.unique("group"), "metadata.max.age.ms", "200"))) {
            member.subscribe(List.of(topic));
            Clients.waitUntil("the member has the partition", () -> {
                member.poll(Duration.ofMillis(50));
                return member.assignment().size() == 1;
            });
            var validated = admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3)),
                new CreatePartitionsOptions().validateOnly(true));
            Clients.get(validated.all());
            assertEquals(1, partitionCount(topic));
            Clients.get(
                admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all());
            assertEquals(3, partitionCount(topic));
            Clients.write(topic, 2, List.of("new"));
            Set<String> read = new HashSet<>();
            Clients.waitUntil("the member reads the new partition", () -> {
                member.poll(Duration.ofMillis(50)).forEach(record -> read.add(record.value()));
                return read.contains("new");
            });
            assertEquals(3, member.assignment().size());
        }
        assertFails(InvalidPartitionsException.class,
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(2))).all());
    }

    @Test
    @DisplayName("a topic asks for no more brokers than there are")
    void assignments() throws Exception {
        String topic = Clients.unique("assigned");
        assertFails(InvalidReplicationFactorException.class,
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 3))).all());
        assertFails(InvalidReplicaAssignmentException.class,
            admin.createTopics(List.of(new NewTopic(topic, Map.of(0, List.of(7))))).all());
        var created = admin.createTopics(
            List.of(new NewTopic(topic, Map.of(0, List.of(1), 1, List.of(1)))));
        Clients.get(created.all());
        assertEquals(2, partitionCount(topic));
        Uuid id = Clients.get(created.topicId(topic));
        Clients.get(admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all());
        assertFails(UnknownTopicIdException.class,
            admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all());
    }

    @Test
    @DisplayName("no more replicas have to be in sync than there are")
    void minInSyncReplicas() throws Exception {
        String topic = Clients.unique("in-sync");
        Clients.createTopic(topic, 1, Map.of("min.insync.replicas", "2"));
        Clients.write(topic, 0, List.of("written"));
        assertEquals(List.of("written"), Clients.valuesOf(topic, Clients.READ_UNCOMMITTED));
    }

    @Test
    @DisplayName("a group is deleted once it is empty, and offsets of topics that it does not read")
    void groups() throws Exception {
        String read = Clients.newTopic("read", 1);
        String left = Clients.newTopic("left", 1);
        String group = Clients.unique("group");
        var ofRead = new TopicPartition(read, 0);
        var ofLeft = new TopicPartition(left, 0);
        try (var member = Clients.consumer(Map.of("group.id", group))) {
            member.subscribe(List.of(read));
            Clients.waitUntil("the member has its partition", () -> {
                member.poll(Duration.ofMillis(50));
                return member.assignment().size() == 1;
            });
            member.commitSync(
                Map.of(ofRead, new OffsetAndMetadata(4), ofLeft, new OffsetAndMetadata(5)));
            assertFails(
                GroupNotEmptyException.class, admin.deleteConsumerGroups(List.of(group)).all());
            var deleted = admin.deleteConsumerGroupOffsets(group, Set.of(ofRead, ofLeft));
            Clients.get(deleted.partitionResult(ofLeft));
            assertFails(
                GroupSubscribedToTopicException.class, deleted.partitionResult(ofRead));
            assertEquals(Set.of(ofRead),
                Clients.get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                    .keySet());
        }
        Clients.get(admin.deleteConsumerGroups(List.of(group)).all());
        assertFails(
            GroupIdNotFoundException.class, admin.deleteConsumerGroups(List.of(group)).all());
    }

    @Test
    @DisplayName("the log directories tell how large each partition is")
    void logDirs() throws Exception {
        String topic = Clients.newTopic("measured", 2);
        var full = new TopicPartition(topic, 0);
        var empty = new TopicPartition(topic, 1);
        Clients.write(topic, 0, Clients.numbered("", 10));
        var described =
            Clients.get(admin.describeLogDirs(List.of(1)).allDescriptions()).get(1);
        var directory = described.values().stream()
                            .filter(found -> found.replicaInfos().containsKey(full))
                            .findFirst().orElseThrow();
        assertTrue(directory.totalBytes().getAsLong() >= directory.usableBytes().getAsLong());
        assertTrue(directory.replicaInfos().get(full).size() > 100);
        assertFalse(directory.replicaInfos().get(full).isFuture());
        assertEquals(0, described.values().stream()
                            .mapToLong(found -> found.replicaInfos().containsKey(empty)
                                    ? found.replicaInfos().get(empty).size() : 0).sum());
    }

    @Test
    @DisplayName("partitions are led by and assigned to the one broker")
    void partitions() throws Exception {
        var place = new TopicPartition(Clients.newTopic("led", 1), 0);
        var elected =
            Clients.get(admin.electLeaders(ElectionType.PREFERRED, Set.of(place)).partitions());
        assertInstanceOf(ElectionNotNeededException.class, elected.get(place).orElseThrow());
        Clients.get(admin.alterPartitionReassignments(
            Map.of(place, Optional.of(new NewPartitionReassignment(List.of(1))))).all());
        assertFails(InvalidReplicaAssignmentException.class,
            admin.alterPartitionReassignments(
                Map.of(place, Optional.of(new NewPartitionReassignment(List.of(7))))).all());
        assertFails(NoReassignmentInProgressException.class,
            admin.alterPartitionReassignments(Map.of(place, Optional.empty())).all());
        assertEquals(Map.of(), Clients.get(admin.listPartitionReassignments().reassignments()));
    }

    @Test
    @DisplayName("the quorum is one node, and the features are those that it is finalized at")
    void quorumAndFeatures() throws Exception {
        var quorum = Clients.get(admin.describeMetadataQuorum().quorumInfo());
        assertEquals(1, quorum.leaderId());
        assertEquals(List.of(1), quorum.voters().stream().map(voter -> voter.replicaId()).toList());
        assertEquals(List.of(), quorum.observers());
        var features = Clients.get(admin.describeFeatures().featureMetadata());
        assertEquals(2, features.finalizedFeatures().get("transaction.version").maxVersionLevel());
        var options = new UpdateFeaturesOptions().validateOnly(true);
        Clients.get(admin.updateFeatures(Map.of("transaction.version",
            new FeatureUpdate((short) 1, UpgradeType.SAFE_DOWNGRADE)), options).all());
        assertFails(InvalidUpdateVersionException.class,
            admin.updateFeatures(Map.of("transaction.version",
                new FeatureUpdate((short) 3, UpgradeType.UPGRADE)), options).all());
        assertFails(BrokerIdNotRegisteredException.class, admin.unregisterBroker(7).all());
    }
}
