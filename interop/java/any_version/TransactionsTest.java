import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TransactionsTest {
    /** What a fenced producer's records are refused with: newer clients tell it from its commit. */
    private static final Set<String> FENCED =
        Set.of("ProducerFencedException", "InvalidProducerEpochException");

    @Test
    @DisplayName("a committed transaction is seen by both isolation levels, an aborted by one")
    void isolation() throws Exception {
        String topic = Clients.newTopic("isolation", 1);
        var kept = Clients.numbered("kept ", 5);
        var dropped = Clients.numbered("dropped ", 5);
        var keptToo = Clients.numbered("kept too ", 5);
        try (var producer = Clients.transactional(Clients.unique("id"))) {
            producer.beginTransaction();
            Clients.write(producer, topic, 0, kept);
            producer.commitTransaction();
            producer.beginTransaction();
            Clients.write(producer, topic, 0, dropped);
            assertEquals(kept, Clients.valuesOf(topic, Clients.READ_COMMITTED));
            producer.abortTransaction();
            producer.beginTransaction();
            Clients.write(producer, topic, 0, keptToo);
            producer.commitTransaction();
        }
        assertEquals(
            Clients.concat(kept, keptToo), Clients.valuesOf(topic, Clients.READ_COMMITTED));
        assertEquals(Clients.concat(kept, dropped, keptToo),
            Clients.valuesOf(topic, Clients.READ_UNCOMMITTED));
    }

    @Test
    @DisplayName("two hundred transactions follow each other, every fourth one aborted")
    void many() throws Exception {
        String topic = Clients.newTopic("many", 1);
        var expected = new java.util.ArrayList<String>();
        try (var producer = Clients.transactional(Clients.unique("id"))) {
            for (int i = 0; i < 200; i++) {
                producer.beginTransaction();
                Clients.write(producer, topic, 0, List.of("value " + i));
                if (i % 4 == 3) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                    expected.add("value " + i);
                }
            }
        }
        assertEquals(expected, Clients.valuesOf(topic, Clients.READ_COMMITTED));
    }

    @Test
    @DisplayName("offsets sent in a transaction are the group's after its commit only")
    void offsets() throws Exception {
        String topic = Clients.newTopic("input", 1);
        String group = Clients.unique("group");
        try (var producer = Clients.transactional(Clients.unique("id"))) {
            producer.beginTransaction();
            GroupOffsets.send(producer, topic, 5, group);
            producer.abortTransaction();
            assertNull(GroupOffsets.committed(group, topic));
            producer.beginTransaction();
            GroupOffsets.send(producer, topic, 7, group);
            producer.commitTransaction();
            GroupOffsets.assertCommitted(7, group, topic);
        }
    }

    @Test
    @DisplayName("a producer is fenced by a later one with its transactional id")
    void fencedAtCommit() throws Exception {
        String topic = Clients.newTopic("fenced", 1);
        String id = Clients.unique("id");
        try (var zombie = Clients.transactional(id)) {
            zombie.beginTransaction();
            Clients.write(zombie, topic, 0, Clients.numbered("zombie ", 3));
            try (var successor = Clients.transactional(id)) {
                successor.beginTransaction();
                Clients.write(successor, topic, 0, Clients.numbered("successor ", 3));
                assertThrows(ProducerFencedException.class, zombie::commitTransaction);
                successor.commitTransaction();
            }
        }
        assertEquals(
            Clients.numbered("successor ", 3), Clients.valuesOf(topic, Clients.READ_COMMITTED));
    }

    @Test
    @DisplayName("a fenced producer's records are refused")
    void fencedAtSend() throws Exception {
        String topic = Clients.newTopic("fenced", 1);
        String id = Clients.unique("id");
        try (var zombie = Clients.transactional(id); var successor = Clients.transactional(id)) {
            zombie.beginTransaction();
            var refusal = Clients.errorOf(zombie.send(new ProducerRecord<>(topic, "late")));
            assertTrue(FENCED.contains(refusal.getClass().getSimpleName()), refusal.toString());
            assertThrows(KafkaException.class, zombie::commitTransaction);
            successor.beginTransaction();
            Clients.write(successor, topic, 0, List.of("successor"));
            successor.commitTransaction();
        }
        assertEquals(List.of("successor"), Clients.valuesOf(topic, Clients.READ_UNCOMMITTED));
    }

    @Test
    @DisplayName("a transaction that takes too long is aborted, and its producer can go on anew")
    void timeout() throws Exception {
        String topic = Clients.newTopic("slow", 1);
        String id = Clients.unique("id");
        try (var slow = Clients.transactional(id, 1000)) {
            slow.beginTransaction();
            Clients.write(slow, topic, 0, Clients.numbered("slow ", 3));
            Clients.write(topic, 0, List.of("plain"));
            Clients.waitUntil("the broker has aborted it",
                () -> Clients.valuesOf(topic, Clients.READ_COMMITTED).equals(List.of("plain")));
            assertThrows(KafkaException.class, slow::commitTransaction);
        }
        try (var next = Clients.transactional(id)) {
            next.beginTransaction();
            Clients.write(next, topic, 0, List.of("next"));
            next.commitTransaction();
        }
        assertEquals(
            List.of("plain", "next"), Clients.valuesOf(topic, Clients.READ_COMMITTED));
    }
}
