import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.config.ConfigResource;

/**
 * Two partitions on a broker with two log directories: one moves in each visit, the other one is on
 * its way when the broker ends, and arrives with the next one.
 */
final class Moving extends Claims {
    private static final TopicPartition MOVED = new TopicPartition("moving", 0);
    private static final TopicPartition LEFT = new TopicPartition("moving", 1);
    private static final String RATE = "replica.alter.log.dirs.io.max.bytes.per.second";
    private static final long PATIENCE_NS = 60_000_000_000L;
    private static final int WRITTEN = 50;

    private final String bootstrap;
    private final Admin admin;

    private Moving(String way, String bootstrap) {
        super(way);
        this.bootstrap = bootstrap;
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    /** WAY NUMBER BOOTSTRAP: a line for each claim, and status 1 when one does not hold. */
    public static void main(String[] arguments) throws Exception {
        var moving = new Moving(arguments[0], arguments[2]);
        int number = Integer.parseInt(arguments[1]);
        if (number == 1) {
            moving.admin.createTopics(List.of(new NewTopic(MOVED.topic(), 2, (short) 1)))
                .all()
                .get();
        }
        moving.visit(number);
        System.out.flush();
        Runtime.getRuntime().halt(moving.exitStatus());
    }

    private void visit(int number) throws Exception {
        limitTo(1_000_000_000);
        if (number > 1) {
            claim("a replica that was on its way arrives", () -> waitUntilOnly(LEFT, null));
        }
        claim("all is there", () -> find(number - 1));
        write(number);
        claim("a replica moves", () -> {
            String there = begin(MOVED);
            waitUntilOnly(MOVED, there);
        });
        claim("it is read where it is", () -> find(number));
        // Which has used up the rate.
        limitTo(1);
        claim("another one is held back", () -> {
            begin(LEFT);
            waitUntil(() -> homes(LEFT).size() == 2);
        });
    }

    private void limitTo(long rate) throws Exception {
        var broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
        var change = new AlterConfigOp(
            new ConfigEntry(RATE, String.valueOf(rate)), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(broker, List.of(change))).all().get();
    }

    /** The values that a visit writes into each of the two. */
    private static List<String> values(int visit) {
        return IntStream.range(0, WRITTEN).mapToObj(i -> visit + " " + i).toList();
    }

    private void write(int number) throws Exception {
        try (var producer = Clients.producer(bootstrap, Map.of())) {
            for (var partition : List.of(MOVED, LEFT)) {
                for (String value : values(number)) {
                    producer
                        .send(new ProducerRecord<>(
                            partition.topic(), partition.partition(), null, value))
                        .get();
                }
            }
        }
    }

    private void find(int last) throws Exception {
        List<String> written = new ArrayList<>();
        for (int visit = 1; visit <= last; visit++) {
            written.addAll(values(visit));
        }
        for (var partition : List.of(MOVED, LEFT)) {
            List<String> read = Clients.readAll(bootstrap, List.of(partition), "read_committed")
                                    .stream()
                                    .map(found -> found.value())
                                    .toList();
            equal(written, read);
        }
    }

    /** By directory: whether it is a copy. */
    private Map<String, Boolean> homes(TopicPartition partition) throws Exception {
        var homes = new TreeMap<String, Boolean>();
        var directories = admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1);
        directories.forEach((path, directory) -> {
            var info = directory.replicaInfos().get(partition);
            if (info != null) {
                homes.put(path, info.isFuture());
            }
        });
        return homes;
    }

    private String begin(TopicPartition partition) throws Exception {
        var here = homes(partition);
        equal(1, here.size());
        String there = admin.describeLogDirs(List.of(1))
                           .allDescriptions()
                           .get()
                           .get(1)
                           .keySet()
                           .stream()
                           .filter(path -> !here.containsKey(path))
                           .findFirst()
                           .get();
        var replica = new TopicPartitionReplica(partition.topic(), partition.partition(), 1);
        admin.alterReplicaLogDirs(Map.of(replica, there)).all().get();
        return there;
    }

    /** `directory` may be null: any. */
    private void waitUntilOnly(TopicPartition partition, String directory) throws Exception {
        waitUntil(() -> {
            var homes = homes(partition);
            return homes.size() == 1 && !homes.containsValue(true)
                && (directory == null || homes.containsKey(directory));
        });
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void waitUntil(Condition condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it never happens");
            }
            Thread.sleep(20);
        }
    }
}
