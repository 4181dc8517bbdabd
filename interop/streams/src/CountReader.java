import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the committed counts that an application writes. */
final class CountReader implements AutoCloseable {
    private final KafkaConsumer<String, Long> consumer;
    private final Map<String, List<Long>> counts = new HashMap<>();
    private long countsRead;

    CountReader(String topic, int partitions) {
        consumer = new KafkaConsumer<>(
            Clients.settings(Map.of("isolation.level", Clients.READ_COMMITTED,
                "auto.offset.reset", "earliest", "fetch.max.wait.ms", "50")),
            new StringDeserializer(), new LongDeserializer());
        consumer.assign(IntStream.range(0, partitions)
            .mapToObj(partition -> new TopicPartition(topic, partition)).toList());
    }

    long countsRead() {
        return countsRead;
    }

    /** Reads committed counts until there are at least so many in all. */
    void waitForCounts(long wanted) throws Exception {
        Clients.waitUntil(wanted + " counts are committed", () -> {
            for (var record : consumer.poll(Duration.ofMillis(100))) {
                counts.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(record.value());
                countsRead++;
            }
            return countsRead >= wanted;
        });
    }

    /** Each key was counted from one to this number, without a gap or a repetition. */
    void checkCountedOnce(List<String> keys, int each) throws Exception {
        waitForCounts((long) each * keys.size());
        assertEquals(keys.size(), counts.size());
        for (String key : keys) {
            assertEquals(LongStream.rangeClosed(1, each).boxed().toList(), counts.get(key));
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
