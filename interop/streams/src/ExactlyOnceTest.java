import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A counting application with a state store, restarted in the middle of its work. */
class ExactlyOnceTest {
    private static final int KEYS = 10;
    private static final int PARTITIONS = 2;

    @TempDir
    Path directory;

    private String applicationId;
    private String input;
    private String output;
    private KafkaConsumer<String, Long> reader;
    private final Map<String, List<Long>> counts = new HashMap<>();
    private long countsRead;

    @BeforeEach
    void open() throws Exception {
        applicationId = Clients.unique("counting");
        input = Clients.newTopic("input", PARTITIONS);
        output = Clients.newTopic("output", PARTITIONS);
        reader = new KafkaConsumer<>(
            Clients.settings(Map.of("isolation.level", Clients.READ_COMMITTED,
                "auto.offset.reset", "earliest", "fetch.max.wait.ms", "50")),
            new StringDeserializer(), new LongDeserializer());
        List<TopicPartition> places = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            places.add(new TopicPartition(output, partition));
        }
        reader.assign(places);
    }

    @AfterEach
    void close() {
        reader.close();
    }

    private CountingApplication.Job job(String stateDirectory) {
        return new CountingApplication.Job(
            applicationId, input, output, directory.resolve(stateDirectory));
    }

    private void write(int rounds) {
        try (var producer = Clients.producer(Map.of())) {
            for (int round = 0; round < rounds; round++) {
                for (int key = 0; key < KEYS; key++) {
                    producer.send(new ProducerRecord<>(input, "key-" + key, "value"));
                }
            }
        }
    }

    /** Reads committed counts until there are at least so many in all. */
    private void waitForCounts(long wanted) throws Exception {
        Clients.waitUntil(wanted + " counts are committed", () -> {
            for (var record : reader.poll(Duration.ofMillis(100))) {
                counts.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(record.value());
                countsRead++;
            }
            return countsRead >= wanted;
        });
    }

    private void checkEveryRecordCountedOnce(int rounds) throws Exception {
        waitForCounts((long) rounds * KEYS);
        assertEquals(KEYS, counts.size());
        for (int key = 0; key < KEYS; key++) {
            assertEquals(
                LongStream.rangeClosed(1, rounds).boxed().toList(), counts.get("key-" + key));
        }
    }

    @Test
    @DisplayName("every record is counted once by an application that is stopped and restarted")
    void restart() throws Exception {
        write(500);
        try (var first = new CountingApplication.Running(job("state"))) {
            waitForCounts(KEYS);
        }
        write(500);
        try (var second = new CountingApplication.Running(job("state"))) {
            checkEveryRecordCountedOnce(1000);
        }
    }

    @Test
    @DisplayName("every record is counted once by a killed application that loses its state")
    void crash() throws Exception {
        write(2000);
        try (var first = new CountingApplication.Running(job("lost-state"))) {
            waitForCounts(KEYS);
            first.kill();
        }
        assertTrue(countsRead < 2000 * KEYS, "the application was not in the middle of its work");
        write(500);
        try (var second = new CountingApplication.Running(job("new-state"))) {
            checkEveryRecordCountedOnce(2500);
        }
    }
}
