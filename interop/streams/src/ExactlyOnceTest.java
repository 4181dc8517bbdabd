import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A counting application with a state store, restarted in the middle of its work. */
class ExactlyOnceTest {
    private static final List<String> KEYS = Clients.numbered("key-", 10);
    private static final int PARTITIONS = 2;

    @TempDir
    Path directory;

    private String applicationId;
    private String input;
    private String output;
    private CountReader reader;

    @BeforeEach
    void open() throws Exception {
        applicationId = Clients.unique("counting");
        input = Clients.newTopic("input", PARTITIONS);
        output = Clients.newTopic("output", PARTITIONS);
        reader = new CountReader(output, PARTITIONS);
    }

    @AfterEach
    void close() {
        reader.close();
    }

    private CountingApplication.Job job(String protocol, String stateDirectory) {
        return new CountingApplication.Job(
            applicationId, protocol, input, output, directory.resolve(stateDirectory));
    }

    private void write(int rounds) {
        try (var producer = Clients.producer(Map.of())) {
            for (int round = 0; round < rounds; round++) {
                for (String key : KEYS) {
                    producer.send(new ProducerRecord<>(input, key, "value"));
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {CountingApplication.CLASSIC, CountingApplication.STREAMS})
    @DisplayName("every record is counted once by an application that is stopped and restarted")
    void restart(String protocol) throws Exception {
        write(500);
        try (var first = CountingApplication.start(job(protocol, "state"))) {
            reader.waitForCounts(KEYS.size());
            first.stop();
        }
        write(500);
        try (var second = CountingApplication.start(job(protocol, "state"))) {
            reader.checkCountedOnce(KEYS, 1000);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {CountingApplication.CLASSIC, CountingApplication.STREAMS})
    @DisplayName("every record is counted once by a killed application that loses its state")
    void crash(String protocol) throws Exception {
        write(2000);
        try (var first = CountingApplication.start(job(protocol, "lost-state"))) {
            reader.waitForCounts(KEYS.size());
            first.kill();
        }
        assertTrue(reader.countsRead() < 2000 * KEYS.size(),
            "the application was not in the middle of its work");
        write(500);
        try (var second = CountingApplication.start(job(protocol, "new-state"))) {
            reader.checkCountedOnce(KEYS, 2500);
        }
    }
}
