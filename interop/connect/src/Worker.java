import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.connect.cli.ConnectDistributed;

/** A worker of a Connect cluster in distributed mode, in a process of its own. */
final class Worker implements AutoCloseable {
    private static final int HEAP_MEGABYTES = 256;
    /** The least that a broker allows by default: as long a dead worker keeps its tasks. */
    private static final int SESSION_TIMEOUT_MS = 6000;

    private final HttpClient http = HttpClient.newHttpClient();
    private final String address;
    final Program program;

    /** The worker is of the cluster whose name the three internal topics begin with. */
    Worker(String cluster, Path directory) throws IOException {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        address = "http://127.0.0.1:" + port;
        var settings = Map.ofEntries(
            Map.entry("bootstrap.servers", Clients.BOOTSTRAP),
            Map.entry("group.id", cluster),
            Map.entry("listeners", address),
            Map.entry("exactly.once.source.support", "enabled"),
            Map.entry("config.storage.topic", cluster + "-configs"),
            Map.entry("config.storage.replication.factor", "1"),
            Map.entry("offset.storage.topic", cluster + "-offsets"),
            Map.entry("offset.storage.replication.factor", "1"),
            Map.entry("offset.storage.partitions", "1"),
            // So that the cleaner has work to do within seconds.
            Map.entry("offset.storage.segment.ms", "300"),
            Map.entry("offset.storage.min.cleanable.dirty.ratio", "0.01"),
            Map.entry("status.storage.topic", cluster + "-status"),
            Map.entry("status.storage.replication.factor", "1"),
            Map.entry("status.storage.partitions", "1"),
            Map.entry("key.converter", "org.apache.kafka.connect.storage.StringConverter"),
            Map.entry("value.converter", "org.apache.kafka.connect.storage.StringConverter"),
            Map.entry("consumer.isolation.level", Clients.READ_COMMITTED),
            // Of the group that a sink's tasks are in.
            Map.entry("consumer.session.timeout.ms", SESSION_TIMEOUT_MS),
            Map.entry("consumer.heartbeat.interval.ms", "300"),
            // Far beyond a test: what a dead task left open is its successor's to end.
            Map.entry("producer.transaction.timeout.ms", "600000"),
            Map.entry("offset.flush.interval.ms", "200"),
            Map.entry("session.timeout.ms", SESSION_TIMEOUT_MS),
            Map.entry("heartbeat.interval.ms", "300"),
            // Else the tasks of a dead worker are kept for its return.
            Map.entry("scheduled.rebalance.max.delay.ms", "0"),
            Map.entry("plugin.discovery", "only_scan"));
        Path file = directory.resolve("worker-" + port + ".properties");
        Files.write(file, settings.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue()).toList());
        program = new Program(HEAP_MEGABYTES, ConnectDistributed.class, file.toString());
    }

    /** Makes a connector or changes its settings; waits for a worker that has no leader yet. */
    void configure(String connector, Map<String, String> settings) throws Exception {
        String body = settings.entrySet().stream()
            .map(entry -> "\"" + entry.getKey() + "\":\"" + entry.getValue() + "\"")
            .collect(Collectors.joining(",", "{", "}"));
        var request = HttpRequest.newBuilder(URI.create(address + "/connectors/" + connector
                + "/config")).header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(body)).build();
        waitForAnswer(request, "\"name\":\"" + connector + "\"");
    }

    /** Waits until the cluster says of the connector what is wanted, literally. */
    void waitForStatus(String connector, String wanted) throws Exception {
        waitForAnswer(HttpRequest.newBuilder(
            URI.create(address + "/connectors/" + connector + "/status")).build(), wanted);
    }

    private void waitForAnswer(HttpRequest request, String wanted) throws Exception {
        String[] last = {"nothing"};
        try {
            Clients.waitUntil("the worker answers " + wanted, () -> {
                if (!program.isAlive()) {
                    throw new AssertionError("the worker has ended");
                }
                try {
                    last[0] = http.send(request, BodyHandlers.ofString()).body();
                } catch (IOException exception) {
                    last[0] = exception.toString();
                }
                if (!last[0].contains(wanted)) {
                    Thread.sleep(20);
                    return false;
                }
                return true;
            });
        } catch (AssertionError error) {
            throw new AssertionError(error.getMessage() + "; it answered " + last[0], error);
        }
    }

    @Override
    public void close() {
        program.close();
    }
}
