import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.function.ToIntFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A table that is kept in a compacted topic and read from its beginning, as registries do. */
class CompactedTableTest {
    private static final List<String> KEYS = Clients.numbered("subject-", 200);
    private static final String CLOCK = "clock";
    /** Makes a round of the keys larger than a segment, the least size of which is 1 MiB. */
    private static final String PADDING = "x".repeat(2000);
    private static final int ROUNDS = 20;

    private final Random random = new Random(1);
    private final List<ProducerRecord<String, String>> written = new ArrayList<>();
    private String topic;
    private KafkaProducer<String, String> producer;

    @BeforeEach
    void open() {
        producer = Clients.producer(Map.of());
    }

    @AfterEach
    void close() {
        producer.close();
    }

    private void createTable(long deleteRetentionMs) throws Exception {
        topic = Clients.unique("table");
        Clients.createTopic(topic, 1, Map.of("cleanup.policy", "compact",
            "segment.bytes", "1048576", "segment.ms", "300", "min.cleanable.dirty.ratio", "0.01",
            "delete.retention.ms", Long.toString(deleteRetentionMs)));
    }

    /** Writes to the topic alone, so that the offset of a record is its place in the list. */
    private void write(List<ProducerRecord<String, String>> records) throws Exception {
        List<Future<RecordMetadata>> sent = records.stream().map(producer::send).toList();
        for (int i = 0; i < records.size(); i++) {
            assertEquals(written.size(), sent.get(i).get().offset());
            written.add(records.get(i));
        }
    }

    private ProducerRecord<String, String> value(String key, String value) {
        return new ProducerRecord<>(topic, 0, key, value);
    }

    /** A new value for about every key; of those whose number can be divided by four, none. */
    private void writeRound(int round) throws Exception {
        List<ProducerRecord<String, String>> records = new ArrayList<>();
        for (int i = 0; i < KEYS.size(); i++) {
            String key = KEYS.get(random.nextInt(KEYS.size()));
            boolean isDeleted = KEYS.indexOf(key) % 4 == 0 && round > ROUNDS / 2;
            records.add(value(key, isDeleted ? null : round + "-" + i + PADDING));
        }
        write(records);
    }

    /** What everything written comes to. */
    private Map<String, String> expected() {
        Map<String, String> table = new HashMap<>();
        written.forEach(record -> put(table, record.key(), record.value()));
        return table;
    }

    private static void put(Map<String, String> table, String key, String value) {
        if (value == null) {
            table.remove(key);
        } else {
            table.put(key, value);
        }
    }

    private static void checkTable(Map<String, String> expected, Map<String, String> found) {
        Set<String> keys = new TreeSet<>(expected.keySet());
        keys.addAll(found.keySet());
        keys.removeIf(key -> Objects.equals(expected.get(key), found.get(key)));
        assertEquals(Set.of(), keys, "keys with a wrong value");
    }

    /** Everything that is left, each record where and as it was written. */
    private List<ConsumerRecord<String, String>> readAll() throws Exception {
        var records = Clients.read(topic, 0, Clients.READ_UNCOMMITTED);
        long offset = -1;
        for (var record : records) {
            assertTrue(record.offset() > offset, "offsets rise");
            offset = record.offset();
            var original = written.get((int) offset);
            assertEquals(original.key(), record.key());
            assertTrue(Objects.equals(original.value(), record.value()),
                "another value at offset " + offset);
        }
        return records;
    }

    private static Map<String, String> tableOf(List<ConsumerRecord<String, String>> records) {
        Map<String, String> table = new HashMap<>();
        records.forEach(record -> put(table, record.key(), record.value()));
        return table;
    }

    @Test
    @DisplayName("a reader that starts while a table is written and compacted finds all its values")
    void readAtStart() throws Exception {
        createTable(100);
        int[] round = {0};
        Clients.waitUntil("a reader finds less than was written", () -> {
            writeRound(round[0]++);
            var records = readAll();
            checkTable(expected(), tableOf(records));
            return round[0] >= ROUNDS && records.size() < written.size();
        });
        waitUntilCompacted(Map::size);
    }

    @Test
    @DisplayName("a reader that follows a table while it is compacted never loses its place")
    void follow() throws Exception {
        // A tombstone stays for a reader that is behind.
        createTable(86_400_000);
        TopicPartition place = new TopicPartition(topic, 0);
        Map<String, String> table = new HashMap<>();
        try (var consumer = Clients.consumer(Map.of("max.poll.records", "50",
                 "auto.offset.reset", "none"))) {
            consumer.assign(List.of(place));
            consumer.seek(place, 0);
            for (int round = 0; round < ROUNDS; round++) {
                writeRound(round);
                follow(consumer, table);
            }
            waitUntilCompacted(last -> KEYS.size());
            Clients.waitUntil("the end is reached", () -> {
                follow(consumer, table);
                return consumer.position(place) >= written.size();
            });
        }
        checkTable(expected(), table);
    }

    private static void follow(KafkaConsumer<String, String> consumer, Map<String, String> table) {
        for (var record : consumer.poll(Duration.ofMillis(20))) {
            put(table, record.key(), record.value());
        }
    }

    /**
     * Until as many records are left as are wanted for the table that they come to. The clock that
     * is written meanwhile rolls the segment, the last of which is not compacted.
     */
    private void waitUntilCompacted(ToIntFunction<Map<String, String>> wanted) throws Exception {
        Map<String, String> last = expected();
        Clients.waitUntil("only last values are left", () -> {
            write(List.of(value(CLOCK, Integer.toString(written.size()))));
            var left = readAll().stream().filter(record -> !record.key().equals(CLOCK)).toList();
            checkTable(last, tableOf(left));
            return left.size() == wanted.applyAsInt(last);
        });
    }
}
