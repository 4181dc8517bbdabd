import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDir;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDirCollection;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopicCollection;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Where the logs are, and how large they are. */
final class LogDirCases {
    private static final String TOPIC = "directories";
    private static final String UNKNOWN = "unknown";
    private static final String MOVED = "moved";
    private static final long PATIENCE_NS = 30_000_000_000L;
    private static final int PARTITIONS = 4;

    private LogDirCases() {
    }

    static void addTo(Cases cases) {
        description(cases, "a topic", topic(TOPIC, 0, 1));
        description(cases, "a partition twice", topic(TOPIC, 0, 0));
        description(cases, "no partition", topic(TOPIC));
        description(cases, "unknown ones", topic(TOPIC, PARTITIONS, -1), topic(UNKNOWN, 0));
        description(cases, "no name", topic("", 0));
        description(cases, "no topic");
        cases.each(ApiKeys.DESCRIBE_LOG_DIRS, "all", (broker, version) -> {
            broker.topicId(TOPIC);
            DescribeLogDirsResponseData answer =
                broker.ask(version, new DescribeLogDirsRequestData().setTopics(null));
            Set<String> names = new TreeSet<>();
            answer.results().forEach(directory
                -> directory.topics().forEach(found -> {
                if (found.name().equals(TOPIC)) {
                    found.partitions().forEach(
                        partition -> names.add(TOPIC + "-" + partition.partitionIndex()));
                }
            }));
            return Facts.of("partitions", names);
        });
        addMovesTo(cases);
    }

    private static void addMovesTo(Cases cases) {
        String tooLong = "t".repeat(249);
        move(cases, "to where it is", MOVED, List.of(0), home -> home);
        move(cases, "to a directory that is not there", MOVED, List.of(0), home -> "/nowhere");
        move(cases, "to no directory", MOVED, List.of(0), home -> "");
        move(cases, "to a relative directory", MOVED, List.of(0), home -> "data");
        move(cases, "of unknown partitions", MOVED, List.of(-1, PARTITIONS), home -> home);
        move(cases, "of an unknown topic", UNKNOWN, List.of(0), home -> home);
        move(cases, "of a topic without a name", "", List.of(0), home -> home);
        move(cases, "of a topic whose name is too long for a copy", tooLong, List.of(0),
            home -> home);
        move(cases, "of such a topic to a directory that is not there", tooLong, List.of(0),
            home -> "/nowhere");
        move(cases, "of no partition", MOVED, List.of(), home -> home);
        cases.each(ApiKeys.ALTER_REPLICA_LOG_DIRS, "of nothing",
            (broker, version)
                -> Facts.of(version,
                    broker.<AlterReplicaLogDirsResponseData>ask(
                        version, new AlterReplicaLogDirsRequestData())));
        cases.each(ApiKeys.ALTER_REPLICA_LOG_DIRS, "named twice, the last of which is not there",
            (broker, version) -> {
                String home = homeOf(broker, MOVED);
                return alter(broker, version, wanted(home, MOVED, List.of(0)),
                    wanted("/nowhere", MOVED, List.of(0)));
            });
        cases.each(ApiKeys.ALTER_REPLICA_LOG_DIRS, "there and back", (broker, version) -> {
            String home = homeOf(broker, MOVED);
            String other = otherOf(broker, home);
            Facts facts = alter(broker, version, wanted(other, MOVED, List.of(0)));
            waitUntilIn(broker, other);
            facts.and("again", alter(broker, version, wanted(other, MOVED, List.of(0))));
            facts.and("back", alter(broker, version, wanted(home, MOVED, List.of(0))));
            waitUntilIn(broker, home);
            return facts.and("places", homesOf(broker, MOVED).size());
        });
        cases.each(ApiKeys.ALTER_REPLICA_LOG_DIRS, "of a topic that is made later",
            (broker, version) -> {
                String topic = "later-" + version;
                List<String> directories = directories(broker);
                String last = directories.get(directories.size() - 1);
                Facts facts = alter(broker, version, wanted(last, topic, List.of(0)));
                broker.topicId(topic);
                return facts.and("is there", homeOf(broker, topic).equals(last));
            });
    }

    private static void move(Cases cases, String situation, String topic,
        List<Integer> partitions, UnaryOperator<String> destination) {
        cases.each(ApiKeys.ALTER_REPLICA_LOG_DIRS, situation, (broker, version) -> {
            String home = homeOf(broker, MOVED);
            return alter(broker, version, wanted(destination.apply(home), topic, partitions));
        });
    }

    private static AlterReplicaLogDir wanted(String path, String topic, List<Integer> partitions) {
        var topics = new AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopicCollection();
        topics.add(new AlterReplicaLogDirTopic().setName(topic).setPartitions(partitions));
        return new AlterReplicaLogDir().setPath(path).setTopics(topics);
    }

    private static Facts alter(Broker broker, short version, AlterReplicaLogDir... wanted)
        throws Exception {
        var all = new AlterReplicaLogDirCollection();
        for (var one : wanted) {
            all.add(one);
        }
        AlterReplicaLogDirsResponseData answer =
            broker.ask(version, new AlterReplicaLogDirsRequestData().setDirs(all));
        for (var topic : answer.results()) {
            topic.partitions().sort(
                Comparator.comparingInt(partition -> partition.partitionIndex()));
        }
        return Facts.of(version, answer);
    }

    private static DescribeLogDirsResponseData describe(Broker broker, String topic)
        throws Exception {
        broker.topicId(topic);
        var topics = new DescribableLogDirTopicCollection();
        topics.add(topic(topic, 0));
        return broker.ask(ApiKeys.DESCRIBE_LOG_DIRS.latestVersion(),
            new DescribeLogDirsRequestData().setTopics(topics));
    }

    private static List<String> directories(Broker broker) throws Exception {
        return describe(broker, MOVED).results().stream()
            .map(directory -> directory.logDir())
            .sorted()
            .toList();
    }

    /** Where partition 0 is, its copy too. */
    private static List<String> homesOf(Broker broker, String topic) throws Exception {
        return describe(broker, topic).results().stream()
            .filter(directory -> !directory.topics().isEmpty())
            .map(directory -> directory.logDir())
            .toList();
    }

    private static String homeOf(Broker broker, String topic) throws Exception {
        return homesOf(broker, topic).get(0);
    }

    private static String otherOf(Broker broker, String home) throws Exception {
        return directories(broker).stream().filter(one -> !one.equals(home)).findFirst().get();
    }

    private static void waitUntilIn(Broker broker, String directory) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (!homesOf(broker, MOVED).equals(List.of(directory))) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("it does not get to " + directory);
            }
            Thread.sleep(10);
        }
    }

    private static DescribableLogDirTopic topic(String name, Integer... partitions) {
        return new DescribableLogDirTopic().setTopic(name).setPartitions(List.of(partitions));
    }

    private static void description(
        Cases cases, String situation, DescribableLogDirTopic... topics) {
        cases.each(ApiKeys.DESCRIBE_LOG_DIRS, situation, (broker, version) -> {
            broker.topicId(TOPIC);
            var all = new DescribableLogDirTopicCollection();
            for (var topic : topics) {
                all.mustAdd(topic.duplicate());
            }
            DescribeLogDirsResponseData answer =
                broker.ask(version, new DescribeLogDirsRequestData().setTopics(all));
            answer.results().forEach(LogDirCases::withoutPlace);
            putTogether(answer);
            return Facts.of(version, answer);
        });
    }

    /** Which directory a partition is made in is each broker's own choice. */
    private static void putTogether(DescribeLogDirsResponseData answer) {
        var topics = answer.results().get(0).topics();
        for (var directory : answer.results().subList(1, answer.results().size())) {
            for (var more : directory.topics()) {
                topics.stream()
                    .filter(topic -> topic.name().equals(more.name()))
                    .findFirst()
                    .ifPresentOrElse(topic
                        -> topic.partitions().addAll(more.partitions()),
                        () -> topics.add(more));
            }
            directory.setTopics(List.of());
        }
        topics.sort(Comparator.comparing(topic -> topic.name()));
        for (var topic : topics) {
            topic.partitions().sort(
                Comparator.comparingInt(partition -> partition.partitionIndex()));
        }
    }

    /** The path and the sizes of the disk are each broker's own, but there are some. */
    private static void withoutPlace(DescribeLogDirsResponseData.DescribeLogDirsResult directory) {
        directory.setLogDir(Path.of(directory.logDir()).isAbsolute() ? "absolute" : "relative")
            .setTotalBytes(Math.min(directory.totalBytes(), 1))
            .setUsableBytes(Math.min(directory.usableBytes(), 1));
    }
}
