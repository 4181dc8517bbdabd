import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopicCollection;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Where the logs are, and how large they are. */
final class LogDirCases {
    private static final String TOPIC = "directories";
    private static final String UNKNOWN = "unknown";
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
            for (var directory : answer.results()) {
                withoutPlace(directory);
            }
            return Facts.of(version, answer);
        });
    }

    /** The path and the sizes of the disk are each broker's own, but there are some. */
    private static void withoutPlace(DescribeLogDirsResponseData.DescribeLogDirsResult directory) {
        directory.setLogDir(Path.of(directory.logDir()).isAbsolute() ? "absolute" : "relative")
            .setTotalBytes(Math.min(directory.totalBytes(), 1))
            .setUsableBytes(Math.min(directory.usableBytes(), 1));
        for (var topic : directory.topics()) {
            topic.partitions().sort(
                (a, b) -> Integer.compare(a.partitionIndex(), b.partitionIndex()));
        }
    }
}
