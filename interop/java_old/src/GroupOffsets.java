import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/** A group's offset of a topic's partition 0, in the methods that the client had until 3.9. */
final class GroupOffsets {
    private GroupOffsets() {}

    /** The committed offset; null if there is none. */
    static Long committed(String group, String topic) {
        try (var consumer = Clients.consumer(Map.of("group.id", group))) {
            var offset = consumer.committed(new TopicPartition(topic, 0), Clients.DEADLINE);
            return offset == null ? null : offset.offset();
        }
    }

    /** Before KIP-447 the client reads on while the commit's marker is on its way. */
    static void assertCommitted(long offset, String group, String topic) throws Exception {
        Clients.waitUntil("the group is at " + offset,
            () -> Long.valueOf(offset).equals(committed(group, topic)));
    }

    static void send(
        KafkaProducer<String, String> producer, String topic, long offset, String group) {
        producer.sendOffsetsToTransaction(
            Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(offset)), group);
    }
}
