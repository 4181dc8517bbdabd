import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Clients push their metrics to a broker that asks for them (KIP-714). */
class TelemetryTest {
    @Test
    @DisplayName("a producer pushes the metrics that a subscription asks for")
    void pushes() throws Exception {
        // Kafka asks for metrics only with a plugin that takes them.
        String log = System.getenv("EINMAL_LOG");
        assumeTrue(log != null, "only einmal shows what clients push");
        String clientId = Clients.unique("pushing");
        subscribe(clientId, "org.apache.kafka.producer.record.");
        String topic = Clients.newTopic("metrics", 1);
        try (var producer = Clients.producer(Map.of("client.id", clientId))) {
            producer.send(new ProducerRecord<>(topic, "value")).get();
            assertNotNull(producer.clientInstanceId(Duration.ofSeconds(15)));
            Clients.waitUntil("metrics are pushed",
                () -> !pushed(log, clientId, "org.apache.kafka.producer.record.").isEmpty());
        }
        assertEquals(List.of(), pushed(log, clientId, "org.apache.kafka.producer.topic."));
    }

    private static void subscribe(String clientId, String metrics) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.CLIENT_METRICS, clientId);
        var changes = new ArrayList<AlterConfigOp>();
        Map.of("metrics", metrics, "interval.ms", "200", "match", "client_id=" + clientId)
            .forEach((name, value)
                -> changes.add(new AlterConfigOp(new ConfigEntry(name, value), OpType.SET)));
        try (var admin = Clients.admin()) {
            Clients.get(admin.incrementalAlterConfigs(Map.of(resource, changes)).all());
        }
    }

    private static List<String> pushed(String log, String clientId, String prefix)
        throws Exception {
        return Files.readAllLines(Path.of(log))
            .stream()
            .filter(line -> line.contains("Client metric of " + clientId + ": " + prefix))
            .toList();
    }
}
