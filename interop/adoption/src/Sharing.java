import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/**
 * A share group on a data directory whose broker is killed while members of the group have records:
 * what was acknowledged stays so, what was released is counted, and the rest comes again.
 */
final class Sharing extends Claims {
    private static final String GROUP = "sharing";
    private static final TopicPartition PLACE = new TopicPartition("shared", 0);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long DEADLINE_NS = 60_000_000_000L;
    /** As long as the suite lets it be: nothing is to come back before the kill. */
    private static final String LOCK_MS = "600000";
    /** Of each visit's records: so many are accepted, then so many released, the rest is held. */
    private static final int WRITTEN = 10;
    private static final int ACCEPTED = 4;
    private static final int RELEASED = 3;

    /** What was held for the second time when the last broker was killed. */
    private final Path twice;
    private final String bootstrap;
    private final Admin admin;

    private Sharing(String way, Path directory, String bootstrap) {
        super(way);
        twice = directory.resolve("held-twice");
        this.bootstrap = bootstrap;
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    /**
     * WAY NUMBER DIRECTORY BOOTSTRAP [PROCESS]: a line for each claim, and status 1 when one does
     * not hold. Kills the process, the broker's, at the end.
     */
    public static void main(String[] arguments) throws Exception {
        var sharing = new Sharing(arguments[0], Path.of(arguments[2]), arguments[3]);
        int number = Integer.parseInt(arguments[1]);
        if (number == 1) {
            sharing.begin();
        } else {
            sharing.find(number - 1);
        }
        if (arguments.length > 4) {
            sharing.leaveHolding(number, Long.parseLong(arguments[4]));
        }
        // Not to wait for a broker that is gone.
        System.out.flush();
        Runtime.getRuntime().halt(sharing.exitStatus());
    }

    private void begin() throws Exception {
        var group = new ConfigResource(ConfigResource.Type.GROUP, GROUP);
        var changes = Stream.of(new ConfigEntry("share.auto.offset.reset", "earliest"),
                                new ConfigEntry("share.record.lock.duration.ms", LOCK_MS))
                          .map(entry -> new AlterConfigOp(entry, AlterConfigOp.OpType.SET))
                          .toList();
        admin.incrementalAlterConfigs(Map.of(group, changes)).all().get();
        admin.createTopics(List.of(new NewTopic(PLACE.topic(), 1, (short) 1))).all().get();
    }

    /** The values that a visit writes, in their order. */
    private static List<String> values(int visit) {
        return IntStream.range(0, WRITTEN).mapToObj(i -> visit + " " + i).toList();
    }

    /** What the broker before this one was killed with. */
    private void find(int before) throws Exception {
        claim("the group starts where the last one has left it", () -> {
            var offset = offset();
            equal((long) (before - 1) * WRITTEN + ACCEPTED, offset.startOffset());
            equal((long) WRITTEN - ACCEPTED, offset.lag().orElse(-1L));
        });
        Map<String, Integer> expected = new TreeMap<>();
        for (String value : values(before).subList(ACCEPTED, WRITTEN)) {
            expected.put(value, 1);
        }
        for (String value : Files.readAllLines(twice)) {
            expected.put(value, 2);
        }
        Map<String, Integer> found = new TreeMap<>();
        claim("what was not acknowledged comes again, with its delivery count", () -> {
            try (var member = join()) {
                await("all have come", () -> {
                    var records = poll(member);
                    records.forEach(record
                        -> found.put(record.value(), record.deliveryCount().get().intValue()));
                    acknowledge(member, records, AcknowledgeType.ACCEPT);
                    return found.size() >= expected.size();
                });
            }
            equal(expected, found);
        });
        claim("then the group is done with everything", () -> {
            await("nothing is left", () -> offset().lag().orElse(-1L) == 0);
        });
    }

    /** Kills the broker while two members have records, some of them for the second time. */
    private void leaveHolding(int visit, long broker) throws Exception {
        claim("members hold records", () -> {
            write(values(visit));
            var first = join();
            List<ConsumerRecord<String, String>> got = new ArrayList<>();
            await("new records come", () -> got.addAll(poll(first)));
            equal(values(visit), got.stream().map(ConsumerRecord::value).toList());
            acknowledge(first, got.subList(0, ACCEPTED), AcknowledgeType.ACCEPT);
            acknowledge(first, got.subList(ACCEPTED, ACCEPTED + RELEASED),
                AcknowledgeType.RELEASE);
            var second = join();
            List<ConsumerRecord<String, String>> again = new ArrayList<>();
            await("released records come again", () -> again.addAll(poll(second)));
            List<String> values = again.stream().map(ConsumerRecord::value).toList();
            // On a busy machine Kafka takes back, now and then, what the first member holds.
            equal(values(visit).subList(ACCEPTED, ACCEPTED + RELEASED),
                values.subList(0, Math.min(RELEASED, values.size())));
            Files.write(twice, values);
        });
        ProcessHandle.of(broker).orElseThrow().destroyForcibly();
    }

    /** In one batch, which is acquired as a whole. */
    private void write(List<String> values) throws Exception {
        try (var producer = Clients.producer(bootstrap, Map.of("linger.ms", 60_000))) {
            values.forEach(
                value -> producer.send(new ProducerRecord<>(PLACE.topic(), 0, null, value)));
        }
    }

    private KafkaShareConsumer<String, String> join() {
        var member = Clients.shareConsumer(
            bootstrap, Map.of("group.id", GROUP, "share.acknowledgement.mode", "explicit"));
        member.subscribe(Set.of(PLACE.topic()));
        return member;
    }

    private static List<ConsumerRecord<String, String>> poll(
        KafkaShareConsumer<String, String> member) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        member.poll(POLL).forEach(records::add);
        return records;
    }

    private void acknowledge(KafkaShareConsumer<String, String> member,
        List<ConsumerRecord<String, String>> records,
        AcknowledgeType type) {
        records.forEach(record -> member.acknowledge(record, type));
        member.commitSync().values().forEach(error -> error.ifPresent(refusal -> {
            throw new AssertionError(refusal);
        }));
    }

    /** Calls the condition, which does the waiting, until it holds. */
    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + DEADLINE_NS;
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain until " + what);
            }
        }
    }

    private SharePartitionOffsetInfo offset() throws Exception {
        return admin.listShareGroupOffsets(Map.of(GROUP, new ListShareGroupOffsetsSpec()))
            .partitionsToOffsetInfo(GROUP)
            .get(30, TimeUnit.SECONDS)
            .get(PLACE);
    }
}
