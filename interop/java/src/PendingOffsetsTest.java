import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What clients know since KIP-447: stable offsets, and the member that sends some. */
class PendingOffsetsTest {
    private static Map<TopicPartition, OffsetAndMetadata> offset(String topic, long offset) {
        return Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(offset));
    }

    @Test
    @DisplayName("a reader of offsets waits while a transaction holds some")
    void pendingOffsets() throws Exception {
        String topic = Clients.newTopic("input", 1);
        String group = Clients.unique("group");
        try (var producer = Clients.transactional(Clients.unique("id"));
             var reader = Clients.consumer(Map.of("group.id", group))) {
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(offset(topic, 7), GroupOffsets.outsider(group));
            assertThrows(TimeoutException.class,
                () -> reader.committed(offset(topic, 7).keySet(), Duration.ofMillis(500)));
            producer.commitTransaction();
            assertEquals(offset(topic, 7), reader.committed(offset(topic, 7).keySet()));
        }
    }

    @Test
    @DisplayName("offsets of a member that has left its group are refused")
    void staleMember() throws Exception {
        String topic = Clients.newTopic("input", 1);
        String group = Clients.unique("group");
        ConsumerGroupMetadata left;
        try (var member = Clients.consumer(Map.of("group.id", group))) {
            member.subscribe(List.of(topic));
            Clients.waitUntil("the member has its partition", () -> {
                member.poll(Duration.ofMillis(50));
                return member.assignment().size() == 1;
            });
            left = member.groupMetadata();
        }
        try (var producer = Clients.transactional(Clients.unique("id"))) {
            producer.beginTransaction();
            assertThrows(CommitFailedException.class, () -> {
                producer.sendOffsetsToTransaction(offset(topic, 5), left);
                producer.commitTransaction();
            });
            producer.abortTransaction();
        }
        assertNull(GroupOffsets.committed(group, topic));
    }
}
