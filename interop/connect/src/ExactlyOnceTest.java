import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources that count and a sink to a file, whose workers are killed and suspended. */
class ExactlyOnceTest {
    private static final int LINES = 2;
    private static final int END = 2000;
    /** Inside of a transaction, which began at HOLD_BEGIN. */
    private static final int HOLD_AT = 1050;
    private static final int HOLD_BEGIN = HOLD_AT / NumberSource.TRANSACTION
        * NumberSource.TRANSACTION;
    private static final int SINK_END = 2000;
    private static final String SOURCE = "counter";
    private static final String SINK = "file";

    @TempDir
    Path directory;

    private String cluster;
    private String topic;
    private Path hold;

    @BeforeEach
    void prepare() throws Exception {
        cluster = Clients.unique("connect");
        topic = Clients.newTopic("numbers", LINES);
        hold = directory.resolve("hold");
    }

    private Worker startWorker() throws Exception {
        return new Worker(cluster, directory);
    }

    private Map<String, String> source(int tasks) {
        return Map.of("connector.class", "NumberSource", "tasks.max", Integer.toString(tasks),
            "topic", topic, "lines", Integer.toString(LINES), "end", Integer.toString(END),
            "hold", hold.toString(), "hold.at", Integer.toString(HOLD_AT),
            "exactly.once.support", "required", "transaction.boundary", "connector");
    }

    /** Waits until records stand in the partition up to this offset, whatever becomes of them. */
    private static void waitForEnd(TopicPartition place, long wanted) throws Exception {
        try (var admin = Clients.admin()) {
            Clients.waitUntil(place + " has " + wanted + " records", () -> Clients.get(
                admin.listOffsets(Map.of(place, OffsetSpec.latest())).partitionResult(place))
                .offset() >= wanted);
        }
    }

    /** The partition's numbers as runs without a gap: "0-1049 1000-1999". */
    private static String runsOf(String topic, int partition, String isolation) throws Exception {
        List<String> runs = new ArrayList<>();
        int begin = 0;
        int end = 0;
        for (var record : Clients.read(topic, partition, isolation)) {
            int number = Integer.parseInt(record.value());
            if (number != end && end > begin) {
                runs.add(run(begin, end));
            }
            begin = number == end ? begin : number;
            end = number + 1;
        }
        runs.add(run(begin, end));
        return String.join(" ", runs);
    }

    private static String run(int begin, int end) {
        return begin + "-" + (end - 1);
    }

    /** Each transaction is followed by its marker. */
    private void waitUntilHeld() throws Exception {
        for (int line = 0; line < LINES; line++) {
            waitForEnd(new TopicPartition(topic, line),
                HOLD_AT + HOLD_BEGIN / NumberSource.TRANSACTION);
            assertEquals(run(0, HOLD_AT), runsOf(topic, line, Clients.READ_UNCOMMITTED));
            assertEquals(run(0, HOLD_BEGIN), runsOf(topic, line, Clients.READ_COMMITTED));
        }
    }

    private static List<String> numbers(int begin, int end) {
        return Clients.numbered("", end).subList(begin, end);
    }

    private void checkEachNumberOnce() throws Exception {
        for (int line = 0; line < LINES; line++) {
            int partition = line;
            Clients.waitUntil("line " + line + " is complete", () ->
                Clients.read(topic, partition, Clients.READ_COMMITTED).size() >= END);
            assertEquals(run(0, END), runsOf(topic, line, Clients.READ_COMMITTED));
        }
    }

    /** What follows the open transaction begins with its numbers: nobody has gone on with it. */
    private void checkHeldTransactionsAreAborted() throws Exception {
        for (int line = 0; line < LINES; line++) {
            String runs = runsOf(topic, line, Clients.READ_UNCOMMITTED);
            String wanted = run(0, HOLD_AT) + " " + HOLD_BEGIN + "-";
            assertTrue(runs.startsWith(wanted), runs);
        }
    }

    @Test
    @DisplayName(
        "a worker killed in its transactions goes on from compacted offsets, each number once")
    void killedSource() throws Exception {
        Files.createFile(hold);
        try (var first = startWorker()) {
            first.configure(SOURCE, source(LINES));
            waitUntilHeld();
            checkInternalTopics();
            waitUntilOffsetsAreCompacted();
            first.program.kill();
        }
        Files.delete(hold);
        try (var second = startWorker()) {
            checkEachNumberOnce();
        }
        checkHeldTransactionsAreAborted();
    }

    @Test
    @DisplayName("a suspended worker's tasks of an older generation are fenced when it wakes")
    void zombie() throws Exception {
        Files.createFile(hold);
        try (var zombie = startWorker()) {
            zombie.configure(SOURCE, source(LINES));
            waitUntilHeld();
            zombie.program.suspend();
            try (var successor = startWorker()) {
                // One task for both lines: the id of the other is nobody's, but fenced as well.
                successor.configure(SOURCE, source(1));
                for (int task = 0; task < LINES; task++) {
                    waitUntilFenced(cluster + "-" + SOURCE + "-" + task);
                }
                Files.delete(hold);
                zombie.program.wake();
                checkEachNumberOnce();
                successor.waitForStatus(SOURCE, "\"tasks\":[{\"id\":0,\"state\":\"RUNNING\"");
            }
        }
        checkHeldTransactionsAreAborted();
    }

    private static void waitUntilFenced(String transactionalId) throws Exception {
        try (var admin = Clients.admin()) {
            Clients.waitUntil(transactionalId + " is fenced", () -> {
                var description = Clients.get(admin.describeTransactions(
                    List.of(transactionalId)).description(transactionalId));
                return description.state() != TransactionState.ONGOING;
            });
        }
    }

    @Test
    @DisplayName("a file sink that is killed misses no committed number and sees no other")
    void killedSink() throws Exception {
        Path file = directory.resolve("sink.txt");
        var sink = Map.of("connector.class",
            "org.apache.kafka.connect.file.FileStreamSinkConnector", "tasks.max", "1",
            "topics", topic, "file", file.toString(),
            "consumer.override.max.poll.records", "5");
        for (int line = 0; line < LINES; line++) {
            int begin = line * SINK_END;
            Clients.write(topic, line, numbers(begin, begin + SINK_END / 2));
        }
        try (var producer = Clients.transactional(Clients.unique("aborted"));
             var first = startWorker()) {
            producer.beginTransaction();
            Clients.write(producer, topic, 0, List.of("never", "committed"));
            first.configure(SINK, sink);
            waitForLines(file, 1);
            first.program.kill();
            producer.abortTransaction();
        }
        int before = linesOf(file).size();
        assertTrue(before < SINK_END / 2 * LINES, "the sink was not in the middle of its work");
        for (int line = 0; line < LINES; line++) {
            int begin = line * SINK_END;
            Clients.write(topic, line, numbers(begin + SINK_END / 2, begin + SINK_END));
        }
        try (var second = startWorker()) {
            waitForLines(file, SINK_END * LINES);
            waitForCommit("connect-" + SINK);
        }
        assertEquals(new TreeSet<>(numbers(0, LINES * SINK_END)), linesOf(file));
    }

    private static Set<String> linesOf(Path file) throws Exception {
        return Files.exists(file) ? new TreeSet<>(Files.readAllLines(file)) : Set.of();
    }

    private static void waitForLines(Path file, int count) throws Exception {
        Clients.waitUntil(count + " different lines are in " + file,
            () -> linesOf(file).size() >= count);
    }

    /** Until the sink's group has committed the end of the topic. */
    private void waitForCommit(String group) throws Exception {
        long end = Clients.read(topic, 0, Clients.READ_UNCOMMITTED).size() + 1;
        TopicPartition place = new TopicPartition(topic, 0);
        try (var admin = Clients.admin()) {
            Clients.waitUntil(group + " has committed " + end, () -> {
                var offset = Clients.get(admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()).get(place);
                return offset != null && offset.offset() == end;
            });
        }
    }

    /** Until each line has its last offset only; what is written may roll the segment. */
    private void waitUntilOffsetsAreCompacted() throws Exception {
        String offsets = cluster + "-offsets";
        String ofAnother = "[\"another\",{\"line\":\"0\"}]";
        try (var producer = Clients.producer(Map.of())) {
            Clients.waitUntil("the offsets are compacted", () -> {
                producer.send(new ProducerRecord<>(offsets, 0, ofAnother, "{\"next\":1}")).get();
                return Clients.read(offsets, 0, Clients.READ_COMMITTED).stream()
                    .filter(record -> record.key().contains(SOURCE)).count() == LINES;
            });
        }
    }

    private void checkInternalTopics() throws Exception {
        List<ConfigResource> topics = new ArrayList<>();
        for (String purpose : List.of("configs", "offsets", "status")) {
            topics.add(new ConfigResource(
                ConfigResource.Type.TOPIC, cluster + "-" + purpose));
        }
        try (var admin = Clients.admin()) {
            for (var config : Clients.get(admin.describeConfigs(topics).all()).values()) {
                assertEquals("compact", config.get("cleanup.policy").value());
            }
        }
    }
}
