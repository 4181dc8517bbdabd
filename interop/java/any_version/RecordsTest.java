import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordsTest {
    @ParameterizedTest(name = "{0}")
    @DisplayName("records come back as they were written")
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void everyCodec(String codec) throws Exception {
        String topic = Clients.newTopic(codec, 1);
        List<ProducerRecord<String, String>> written = new ArrayList<>();
        try (var producer = Clients.producer(Map.of("compression.type", codec, "linger.ms", 50))) {
            for (int i = 0; i < 200; i++) {
                var record = new ProducerRecord<>(topic, 0, 1_700_000_000_000L + i,
                    i % 3 == 0 ? null : "key-" + i,
                    i % 7 == 0 ? null : String.valueOf((char) ('a' + i % 26)).repeat(200));
                record.headers()
                    .add("number", Integer.toString(i).getBytes(StandardCharsets.UTF_8))
                    .add("twice", new byte[] {1})
                    .add("twice", new byte[] {2})
                    .add(new RecordHeader("null", (byte[]) null))
                    .add("", new byte[0]);
                written.add(record);
                producer.send(record);
            }
        }
        var read = Clients.read(topic, 0, Clients.READ_UNCOMMITTED);
        assertEquals(written.size(), read.size());
        for (int i = 0; i < read.size(); i++) {
            assertEquals(i, read.get(i).offset());
            assertEquals(written.get(i).key(), read.get(i).key());
            assertEquals(written.get(i).value(), read.get(i).value());
            assertEquals(written.get(i).timestamp(), read.get(i).timestamp());
            assertEquals(written.get(i).headers(), read.get(i).headers());
        }
    }

    @Test
    @DisplayName("a record of a million bytes goes through, one above the topic's limit does not")
    void sizes() throws Exception {
        String topic = Clients.newTopic("large", 1);
        String large = "x".repeat(1_000_000);
        var settings = Map.of("max.request.size", 3_000_000);
        try (var producer = Clients.producer(settings)) {
            assertEquals(0, producer.send(new ProducerRecord<>(topic, large)).get().offset());
            assertInstanceOf(RecordTooLargeException.class,
                Clients.errorOf(producer.send(new ProducerRecord<>(topic, large + large))));
        }
        assertEquals(List.of(large), Clients.valuesOf(topic, Clients.READ_UNCOMMITTED));
    }

    @Test
    @DisplayName("an append-time topic's records carry the time that the broker answered with")
    void appendTime() throws Exception {
        String topic = Clients.unique("append-time");
        Clients.createTopic(topic, 1, Map.of("message.timestamp.type", "LogAppendTime"));
        long answered;
        try (var producer = Clients.producer(Map.of())) {
            var sent = producer.send(new ProducerRecord<>(topic, 0, 1L, null, "v"));
            answered = sent.get().timestamp();
        }
        var record = Clients.read(topic, 0, Clients.READ_UNCOMMITTED).get(0);
        assertEquals(answered, record.timestamp());
        assertEquals("LogAppendTime", record.timestampType().toString());
        assertNull(record.key());
    }

    @Test
    @DisplayName("a topic is created by writing to it")
    void autoCreation() throws Exception {
        String topic = Clients.unique("created-by-writing");
        Clients.write(topic, 0, List.of("first"));
        assertEquals(List.of("first"), Clients.valuesOf(topic, Clients.READ_UNCOMMITTED));
    }
}
