import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumer groups (KIP-848): the broker assigns, and members reconcile one by one. */
class ConsumerGroupsTest {
    private static ConsumerGroupDescription describe(String group) throws Exception {
        try (Admin admin = Clients.admin()) {
            return Clients.get(admin.describeConsumerGroups(List.of(group)).all()).get(group);
        }
    }

    private static void writeToEach(String topic, int partitions, String prefix) throws Exception {
        for (int partition = 0; partition < partitions; partition++) {
            Clients.write(topic, partition, Clients.numbered(prefix + partition + " ", 10));
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("three members share six partitions and take over those of one that leaves")
    @ValueSource(strings = {"uniform", "range"})
    void rebalance(String assignor) throws Exception {
        String topic = Clients.newTopic("shared", 6);
        try (Group group = new Group(topic,
                 Map.of("group.protocol", "consumer", "group.remote.assignor", assignor))) {
            group.join();
            group.waitForShares(List.of(6));
            group.join();
            group.join();
            group.waitForShares(List.of(2, 2, 2));
            writeToEach(topic, 6, "before ");
            group.waitForValues(60);
            group.members.forEach(KafkaConsumer::commitSync);
            group.members.remove(0).close();
            group.waitForShares(List.of(3, 3));
            writeToEach(topic, 6, "after ");
            group.waitForValues(120);
            assertEquals(120, Set.copyOf(group.values).size());
            var described = describe(group.id);
            assertEquals(GroupType.CONSUMER, described.type());
            assertEquals(assignor, described.partitionAssignor());
            assertEquals(GroupState.STABLE, described.groupState());
            assertEquals(2, described.members().size());
        }
    }

    @Test
    @DisplayName("a group is listed as what it is, is empty when all have left, and can be deleted")
    void list() throws Exception {
        String topic = Clients.newTopic("listed", 1);
        try (Group group = new Group(topic, Group.NEXT_GENERATION); Admin admin = Clients.admin()) {
            group.join();
            group.waitForShares(List.of(1));
            var consumers = new ListGroupsOptions().withTypes(Set.of(GroupType.CONSUMER));
            var listed = Clients.get(admin.listGroups(consumers).all());
            assertTrue(listed.stream().anyMatch(one -> one.groupId().equals(group.id)
                && one.groupState().equals(Optional.of(GroupState.STABLE))
                && one.protocol().equals("consumer")));
            var classic = new ListGroupsOptions().withTypes(Set.of(GroupType.CLASSIC));
            assertTrue(Clients.get(admin.listGroups(classic).all()).stream()
                           .noneMatch(one -> one.groupId().equals(group.id)));
            group.members.remove(0).close();
            assertEquals(GroupState.EMPTY, describe(group.id).groupState());
            Clients.get(admin.deleteConsumerGroups(List.of(group.id)).all());
            assertTrue(Clients.get(admin.listGroups().all()).stream().noneMatch(
                one -> one.groupId().equals(group.id)));
        }
    }

    @Test
    @DisplayName("new partitions and new topics are assigned without a new subscription")
    void growth() throws Exception {
        String topic = Clients.unique("growing");
        try (Group group = new Group(topic,
                 Map.of("group.protocol", "consumer", "allow.auto.create.topics", "false"))) {
            group.join();
            group.poll();
            Clients.createTopic(topic, 2, Map.of());
            group.waitForShares(List.of(2));
        }
    }

    @Test
    @DisplayName("a regular expression stands for the topics that there are, also for later ones")
    void regularExpression() throws Exception {
        String prefix = Clients.unique("pattern");
        Clients.createTopic(prefix + "-a", 1, Map.of());
        Clients.createTopic(prefix + "-b", 2, Map.of());
        Clients.newTopic("other", 1);
        try (Group group = new Group("", Group.NEXT_GENERATION)) {
            var pattern = new SubscriptionPattern(prefix + "-[a-z]");
            group.join(Group.NEXT_GENERATION, member -> member.subscribe(pattern));
            group.waitForShares(List.of(3));
            group.join(Group.NEXT_GENERATION, member -> member.subscribe(pattern));
            group.waitForShares(List.of(1, 2));
            // Looked for every ten seconds at most.
            Clients.createTopic(prefix + "-c", 1, Map.of());
            group.waitForShares(List.of(2, 2));
        }
    }

    @Test
    @DisplayName("a static member comes back to its partitions, which nobody had meanwhile")
    void staticMember() throws Exception {
        String topic = Clients.newTopic("static", 4);
        Map<String, String> first = Map.of("group.protocol", "consumer", "group.instance.id", "1");
        Map<String, String> second = Map.of("group.protocol", "consumer", "group.instance.id", "2");
        try (Group group = new Group(topic, Map.of())) {
            group.join(first);
            group.join(second);
            group.waitForShares(List.of(2, 2));
            var own = group.members.get(0).assignment();
            group.members.remove(0).close();
            for (int i = 0; i < 100; i++) {
                group.poll();
            }
            assertEquals(2, group.members.get(0).assignment().size());
            group.join(first);
            group.waitForShares(List.of(2, 2));
            assertEquals(own, group.members.get(1).assignment());
        }
    }

    @Test
    @DisplayName("members move from the classic protocol to the new one, and back, one by one")
    void migration() throws Exception {
        String topic = Clients.newTopic("migrated", 6);
        try (Group group = new Group(topic, Map.of())) {
            for (int i = 0; i < 3; i++) {
                group.join(Group.CLASSIC);
            }
            group.waitForShares(List.of(2, 2, 2));
            writeToEach(topic, 6, "classic ");
            group.waitForValues(60);
            for (int i = 0; i < 3; i++) {
                group.members.forEach(KafkaConsumer::commitSync);
                group.members.remove(0).close();
                group.join(Group.NEXT_GENERATION);
                group.waitForShares(List.of(2, 2, 2));
                assertEquals(GroupType.CONSUMER, describe(group.id).type());
            }
            writeToEach(topic, 6, "consumer ");
            group.waitForValues(120);
            for (int i = 0; i < 3; i++) {
                group.members.forEach(KafkaConsumer::commitSync);
                group.members.remove(0).close();
                group.join(Group.CLASSIC);
                group.waitForShares(List.of(2, 2, 2));
            }
            assertEquals(GroupType.CLASSIC, describe(group.id).type());
            writeToEach(topic, 6, "again ");
            group.waitForValues(180);
            assertEquals(180, Set.copyOf(group.values).size());
        }
    }

    @Test
    @DisplayName("a transaction takes along the offsets of a member, but not of what it has lost")
    void transaction() throws Exception {
        String topic = Clients.newTopic("transacted", 2);
        try (Group group = new Group(topic, Group.NEXT_GENERATION);
             var producer = Clients.transactional(Clients.unique("id"))) {
            group.join();
            group.waitForShares(List.of(2));
            var member = group.members.get(0);
            var old = member.groupMetadata();
            group.join();
            group.waitForShares(List.of(1, 1));
            var kept = offsets(member);
            var lost = offsets(group.members.get(1));
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(kept, member.groupMetadata());
            producer.abortTransaction();
            producer.beginTransaction();
            assertThrows(CommitFailedException.class, () -> {
                producer.sendOffsetsToTransaction(lost, old);
                producer.commitTransaction();
            });
            producer.abortTransaction();
            assertEquals(Map.of(), committed(group.id));
            producer.beginTransaction();
            // KIP-1251: it has had the partition since then.
            producer.sendOffsetsToTransaction(kept, old);
            producer.commitTransaction();
            assertEquals(kept, committed(group.id));
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(KafkaConsumer<?, ?> member) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        member.assignment().forEach(
            partition -> offsets.put(partition, new OffsetAndMetadata(5)));
        return offsets;
    }

    private static Map<TopicPartition, OffsetAndMetadata> committed(String group)
        throws Exception {
        try (Admin admin = Clients.admin()) {
            return Clients.get(
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        }
    }

    /** Writes what it reads to another topic, and commits both together. */
    private static final class Worker implements AutoCloseable {
        final KafkaConsumer<String, String> consumer;
        final KafkaProducer<String, String> producer;
        int done;

        Worker(String group, String input) {
            consumer = Clients.consumer(Map.of("group.id", group, "group.protocol", "consumer",
                "isolation.level", Clients.READ_COMMITTED, "max.poll.records", 7));
            consumer.subscribe(List.of(input));
            producer = Clients.transactional(Clients.unique("worker"));
        }

        void work(String output, boolean changesItsMind) {
            var records = consumer.poll(Duration.ofMillis(20));
            if (records.isEmpty()) {
                return;
            }
            producer.beginTransaction();
            records.forEach(
                record -> producer.send(new ProducerRecord<>(output, record.value())));
            producer.sendOffsetsToTransaction(records.nextOffsets(), consumer.groupMetadata());
            if (changesItsMind) {
                producer.abortTransaction();
                records.partitions().forEach(partition
                    -> consumer.seek(partition, records.records(partition).get(0).offset()));
                return;
            }
            producer.commitTransaction();
            done += records.count();
        }

        @Override
        public void close() {
            consumer.close();
            producer.close();
        }
    }

    @Test
    @DisplayName("what is read, written and committed in transactions is there once, whoever comes"
        + " and goes")
    void exactlyOnce() throws Exception {
        String input = Clients.newTopic("input", 6);
        String output = Clients.newTopic("output", 1);
        String group = Clients.unique("group");
        List<String> written = new ArrayList<>();
        List<Worker> workers = new ArrayList<>();
        int done = 0;
        for (int round = 0; round < 4; round++) {
            workers.add(new Worker(group, input));
            for (int partition = 0; partition < 6; partition++) {
                var values = Clients.numbered(round + "." + partition + " ", 10);
                Clients.write(input, partition, values);
                written.addAll(values);
            }
            for (int step = 0; step < 30; step++) {
                boolean changesItsMind = step % 4 == 3;
                workers.forEach(worker -> worker.work(output, changesItsMind));
            }
            if (round == 2) {
                var gone = workers.remove(0);
                done += gone.done;
                gone.close();
            }
        }
        int before = done;
        Clients.waitUntil("all is read", () -> {
            workers.forEach(worker -> worker.work(output, false));
            return before + workers.stream().mapToInt(worker -> worker.done).sum()
                >= written.size();
        });
        workers.forEach(Worker::close);
        List<String> found = new ArrayList<>(Clients.valuesOf(output, Clients.READ_COMMITTED));
        found.sort(null);
        written.sort(null);
        assertEquals(written, found);
    }
}
