import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Share groups (KIP-932): members share partitions, and acknowledge record by record. */
class ShareGroupsTest {
    private final String group = Clients.unique("share");
    private String topic;

    @BeforeEach
    void newTopic() throws Exception {
        topic = Clients.newTopic("shared", 1);
        configure(Map.of("share.auto.offset.reset", "earliest"));
    }

    private void configure(Map<String, String> configs) throws Exception {
        var changes = configs.entrySet().stream()
            .map(config -> new AlterConfigOp(new ConfigEntry(config.getKey(), config.getValue()),
                     AlterConfigOp.OpType.SET))
            .toList();
        try (Admin admin = Clients.admin()) {
            var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
            Clients.get(admin.incrementalAlterConfigs(Map.of(resource, changes)).all());
        }
    }

    /** A member that acknowledges what it gets, or says nothing and so accepts it. */
    private KafkaShareConsumer<String, String> join(String mode) {
        Map<String, Object> own = new HashMap<>(
            Map.of("group.id", group, "share.acknowledgement.mode", mode));
        var member = new KafkaShareConsumer<>(
            Clients.settings(own), new StringDeserializer(), new StringDeserializer());
        member.subscribe(List.of(topic));
        return member;
    }

    private KafkaShareConsumer<String, String> join() {
        return join("explicit");
    }

    private static List<ConsumerRecord<String, String>> poll(
        KafkaShareConsumer<String, String> member) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        member.poll(Duration.ofMillis(100)).forEach(records::add);
        return records;
    }

    /** Polls until there are records. */
    private static List<ConsumerRecord<String, String>> next(
        KafkaShareConsumer<String, String> member) throws Exception {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        Clients.waitUntil("records come", () -> {
            records.addAll(poll(member));
            return !records.isEmpty();
        });
        return records;
    }

    private static List<String> values(List<ConsumerRecord<String, String>> records) {
        return records.stream().map(ConsumerRecord::value).toList();
    }

    private static void acknowledge(KafkaShareConsumer<String, String> member,
        List<ConsumerRecord<String, String>> records, AcknowledgeType type) {
        records.forEach(record -> member.acknowledge(record, type));
        member.commitSync().values().forEach(error
            -> assertTrue(error.isEmpty(), () -> "refused: " + error.get()));
    }

    private void assertNothingComes(KafkaShareConsumer<String, String> member) throws Exception {
        Clients.write(topic, 0, List.of("last"));
        assertEquals(List.of("last"), values(next(member)));
    }

    @Test
    @DisplayName("what was accepted does not come again, not to another member either")
    void accept() throws Exception {
        List<String> sent = Clients.numbered("value ", 20);
        Clients.write(topic, 0, sent);
        try (var member = join("implicit")) {
            List<String> got = new ArrayList<>();
            Clients.waitUntil("all records have come", () -> {
                poll(member).forEach(record -> got.add(record.value()));
                return got.size() >= sent.size();
            });
            assertEquals(sent, got);
            member.commitSync();
        }
        try (var member = join()) {
            assertNothingComes(member);
        }
    }

    @Test
    @DisplayName("what was released comes again, counted, and what was rejected does not")
    void releaseAndReject() throws Exception {
        Clients.write(topic, 0, List.of("release", "reject"));
        try (var member = join()) {
            var records = next(member);
            assertEquals(List.of("release", "reject"), values(records));
            member.acknowledge(records.get(1), AcknowledgeType.REJECT);
            acknowledge(member, records.subList(0, 1), AcknowledgeType.RELEASE);
            var again = next(member);
            assertEquals(List.of("release"), values(again));
            assertEquals((short) 2, again.get(0).deliveryCount().orElseThrow());
            acknowledge(member, again, AcknowledgeType.ACCEPT);
            assertNothingComes(member);
        }
    }

    @Test
    @DisplayName("a record whose lock runs out goes to another member")
    void lockTimeout() throws Exception {
        configure(Map.of("share.record.lock.duration.ms", "15000"));
        Clients.write(topic, 0, List.of("slow"));
        try (var slow = join(); var other = join()) {
            assertEquals(List.of("slow"), values(next(slow)));
            var taken = next(other);
            assertEquals(List.of("slow"), values(taken));
            assertEquals((short) 2, taken.get(0).deliveryCount().orElseThrow());
            acknowledge(other, taken, AcknowledgeType.ACCEPT);
        }
    }

    @Test
    @DisplayName("a record that is renewed stays with its member")
    void renew() throws Exception {
        Clients.write(topic, 0, List.of("long work"));
        try (var member = join()) {
            var records = next(member);
            acknowledge(member, records, AcknowledgeType.RENEW);
            var renewed = next(member);
            assertEquals(List.of("long work"), values(renewed));
            assertEquals((short) 1, renewed.get(0).deliveryCount().orElseThrow());
            acknowledge(member, renewed, AcknowledgeType.ACCEPT);
            assertNothingComes(member);
        }
    }

    @Test
    @DisplayName("a record that nobody can handle is given up after so many deliveries")
    void deliveryCountLimit() throws Exception {
        configure(Map.of("share.delivery.count.limit", "3"));
        Clients.write(topic, 0, List.of("poison"));
        try (var member = join()) {
            for (short delivery = 1; delivery <= 3; delivery++) {
                var records = next(member);
                assertEquals(List.of("poison"), values(records));
                assertEquals(delivery, records.get(0).deliveryCount().orElseThrow());
                acknowledge(member, records, AcknowledgeType.RELEASE);
            }
            assertNothingComes(member);
        }
    }

    @Test
    @DisplayName("read_committed: the group gets what was committed, in spite of an abort")
    void isolation() throws Exception {
        configure(Map.of("share.isolation.level", "read_committed"));
        try (var producer = Clients.transactional(Clients.unique("tx"))) {
            for (String end : List.of("aborted", "committed")) {
                producer.beginTransaction();
                for (int i = 0; i < 3; i++) {
                    producer.send(new ProducerRecord<>(topic, 0, null, end + " " + i)).get();
                }
                if (end.equals("committed")) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
        }
        try (var member = join("implicit")) {
            List<String> got = new ArrayList<>();
            Clients.waitUntil("the committed records have come", () -> {
                poll(member).forEach(record -> got.add(record.value()));
                return got.size() >= 3;
            });
            assertEquals(Clients.numbered("committed ", 3), got);
        }
    }

    @Test
    @DisplayName("two members share one partition, and each record goes to one of them")
    void sharing() throws Exception {
        List<String> sent = new ArrayList<>();
        List<String> ofFirst = new ArrayList<>();
        List<String> ofSecond = new ArrayList<>();
        try (var first = join("implicit"); var second = join("implicit")) {
            Clients.waitUntil("both have got some, and together all", () -> {
                if (ofFirst.isEmpty() || ofSecond.isEmpty()) {
                    var more = Clients.numbered("value " + sent.size() + " ", 10);
                    Clients.write(topic, 0, more);
                    sent.addAll(more);
                }
                poll(first).forEach(record -> ofFirst.add(record.value()));
                poll(second).forEach(record -> ofSecond.add(record.value()));
                return !ofFirst.isEmpty() && !ofSecond.isEmpty()
                    && ofFirst.size() + ofSecond.size() >= sent.size();
            });
        }
        assertEquals(new HashSet<>(sent), new HashSet<>(Clients.concat(ofFirst, ofSecond)));
        assertEquals(sent.size(), ofFirst.size() + ofSecond.size());
    }

    @Test
    @DisplayName("the admin client sees the group, moves it back, and deletes it")
    void administration() throws Exception {
        TopicPartition place = new TopicPartition(topic, 0);
        Clients.write(topic, 0, Clients.numbered("value ", 10));
        try (Admin admin = Clients.admin()) {
            try (var member = join()) {
                acknowledge(member, next(member), AcknowledgeType.ACCEPT);
                var described =
                    Clients.get(admin.describeShareGroups(List.of(group)).all()).get(group);
                assertEquals(GroupState.STABLE, described.groupState());
                assertEquals(1, described.members().size());
                assertEquals(Set.of(place),
                    described.members().iterator().next().assignment().topicPartitions());
                var shares = new ListGroupsOptions().withTypes(Set.of(GroupType.SHARE));
                assertTrue(Clients.get(admin.listGroups(shares).all()).stream().anyMatch(
                    one -> one.groupId().equals(group) && one.protocol().equals("share")));
            }
            // Where the group begins is moved on with the next change; what it has yet to do
            // is told at once.
            assertEquals(0, info(admin, place).lag().orElseThrow());
            Clients.get(admin.alterShareGroupOffsets(group, Map.of(place, 4L)).all());
            assertEquals(4, info(admin, place).startOffset());
            try (var member = join()) {
                var records = next(member);
                assertEquals("value 4", records.get(0).value());
                acknowledge(member, records, AcknowledgeType.ACCEPT);
            }
            Clients.get(admin.deleteShareGroupOffsets(group, Set.of(topic)).all());
            Clients.get(admin.deleteShareGroups(List.of(group)).all());
            var gone = Clients.errorOf(admin.describeShareGroups(List.of(group)).all());
            assertEquals(GroupIdNotFoundException.class, gone.getClass());
        }
    }

    private SharePartitionOffsetInfo info(Admin admin, TopicPartition place) throws Exception {
        var asked = Map.of(group, new ListShareGroupOffsetsSpec());
        var found =
            Clients.get(admin.listShareGroupOffsets(asked).partitionsToOffsetInfo(group));
        return found.get(place);
    }
}
