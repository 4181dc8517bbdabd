import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/** A group's offset of a topic's partition 0, in the methods that the client has since KIP-447. */
final class GroupOffsets {
    private GroupOffsets() {}

    /** The committed offset; null if there is none. */
    static Long committed(String group, String topic) {
        TopicPartition place = new TopicPartition(topic, 0);
        try (var consumer = Clients.consumer(Map.of("group.id", group))) {
            var offset = consumer.committed(Set.of(place), Clients.DEADLINE).get(place);
            return offset == null ? null : offset.offset();
        }
    }

    /** At once: the client waits while a transaction holds the offset. */
    static void assertCommitted(long offset, String group, String topic) {
        assertEquals(offset, committed(group, topic));
    }

    static void send(
        KafkaProducer<String, String> producer, String topic, long offset, String group) {
        producer.sendOffsetsToTransaction(
            Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(offset)), outsider(group));
    }

    /** The group as one sees it who commits to it without being a member. */
    static ConsumerGroupMetadata outsider(String group) {
        try (var consumer = Clients.consumer(Map.of("group.id", group))) {
            return consumer.groupMetadata();
        }
    }
}
