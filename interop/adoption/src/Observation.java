import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Everything that a client can see of a broker, as lines under the name of what they are about. */
final class Observation {
    /** Topics and transactional ids of this prefix are about to change by themselves. */
    static final String PASSING = "passing";

    private static final long DEADLINE_S = 30;

    final TreeMap<String, List<String>> facts = new TreeMap<>();

    private final Admin admin;
    private final String bootstrap;

    /** Nothing yet. */
    Observation() {
        this(null, null);
    }

    private Observation(Admin admin, String bootstrap) {
        this.admin = admin;
        this.bootstrap = bootstrap;
    }

    static Observation of(Admin admin, String bootstrap) throws Exception {
        var seen = new Observation(admin, bootstrap);
        var partitions = seen.seeTopics();
        Configs.see(admin).forEach(line -> seen.add("configs", line));
        seen.seeCluster();
        seen.seeOffsets(partitions, "ends", IsolationLevel.READ_UNCOMMITTED);
        seen.seeOffsets(partitions, "last stable offsets", IsolationLevel.READ_COMMITTED);
        seen.seeRecords(partitions, "records, read uncommitted", "read_uncommitted");
        seen.seeRecords(partitions, "records, read committed", "read_committed");
        seen.seeGroups();
        seen.seeTransactions();
        seen.seeProducers(partitions);
        return seen;
    }

    static Observation read(Path file) throws IOException {
        var seen = new Observation();
        String about = null;
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("\t")) {
                seen.facts.get(about).add(line.substring(1));
            } else {
                about = line;
                seen.facts.put(about, new ArrayList<>());
            }
        }
        return seen;
    }

    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        facts.forEach((about, of) -> {
            lines.add(about);
            of.forEach(fact -> lines.add("\t" + fact));
        });
        Files.write(file, lines);
    }

    static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(DEADLINE_S, TimeUnit.SECONDS);
    }

    private void add(String about, Object fact) {
        facts.computeIfAbsent(about, key -> new ArrayList<>())
            .add(fact.toString().replace("\n", "\\n"));
    }

    private void seeCluster() throws Exception {
        var cluster = admin.describeCluster();
        add("cluster", get(cluster.clusterId()));
        for (var node : get(cluster.nodes())) {
            add("cluster", "node " + node.id());
        }
        // A newer broker supports more; what the cluster is finalized at stays.
        var finalized = get(admin.describeFeatures().featureMetadata()).finalizedFeatures();
        for (String feature : List.of("metadata.version", "group.version", "transaction.version",
                 "streams.version")) {
            add("cluster", feature + " " + finalized.get(feature));
        }
    }

    private List<TopicPartition> seeTopics() throws Exception {
        List<TopicPartition> partitions = new ArrayList<>();
        var names = new ArrayList<>(get(admin.listTopics().names()));
        var topics = new TreeMap<>(get(admin.describeTopics(names).allTopicNames()));
        for (var topic : topics.values()) {
            add("topics", topic.name() + " " + topic.topicId());
            for (var partition : topic.partitions()) {
                add("topics",
                    topic.name() + "-" + partition.partition() + " led by "
                        + partition.leader().id());
                if (!topic.name().startsWith(PASSING) && !topic.name().startsWith("__")) {
                    partitions.add(new TopicPartition(topic.name(), partition.partition()));
                }
            }
        }
        return partitions;
    }

    private void seeOffsets(List<TopicPartition> partitions, String about, IsolationLevel level)
        throws Exception {
        for (var spec : Map.of("first", OffsetSpec.earliest(), "end", OffsetSpec.latest())
                            .entrySet()) {
            Map<TopicPartition, OffsetSpec> wanted = new TreeMap<>(byName());
            partitions.forEach(partition -> wanted.put(partition, spec.getValue()));
            var offsets = get(admin.listOffsets(wanted, new ListOffsetsOptions(level)).all());
            for (var partition : wanted.keySet()) {
                add(about, partition + " " + spec.getKey() + " " + offsets.get(partition).offset());
            }
        }
        facts.get(about).sort(null);
    }

    private void seeRecords(List<TopicPartition> partitions, String about, String level)
        throws Exception {
        for (var record : Clients.readAll(bootstrap, partitions, level)) {
            add(about, describe(record));
        }
        facts.get(about).sort(null);
    }

    private static String describe(ConsumerRecord<String, String> record) {
        String value = record.value();
        if (value != null && value.length() > 100) {
            value = value.length() + " characters, hash " + value.hashCode();
        }
        return String.format("%s-%d %010d %s %d %s=%s %s", record.topic(), record.partition(),
            record.offset(), record.timestampType(), record.timestamp(), record.key(), value,
            record.headers());
    }

    private void seeGroups() throws Exception {
        for (var group : sorted(get(admin.listGroups().all()), it -> it.groupId())) {
            add("groups", group.groupId() + " " + group.protocol());
            if (group.type().equals(Optional.of(GroupType.CONSUMER))) {
                seeConsumerGroup(group.groupId());
            } else if (group.type().equals(Optional.of(GroupType.STREAMS))) {
                seeStreamsGroup(group.groupId());
            }
            var listed = admin.listConsumerGroupOffsets(group.groupId());
            var offsets = get(listed.partitionsToOffsetAndMetadata());
            var ordered = new TreeMap<TopicPartition, Object>(byName());
            ordered.putAll(offsets);
            ordered.forEach((partition, offset)
                                -> add("group offsets",
                                    group.groupId() + " " + partition + " " + offset));
        }
    }

    /** What it assigns, and how far its members have got (KIP-848). */
    private void seeConsumerGroup(String id) throws Exception {
        var group = get(admin.describeConsumerGroups(List.of(id)).all()).get(id);
        add("consumer groups",
            id + " " + group.groupState() + " " + group.groupEpoch() + " "
                + group.targetAssignmentEpoch() + " " + group.partitionAssignor());
        for (var member : sorted(group.members(), it -> it.consumerId())) {
            var target = member.targetAssignment().map(it -> names(it.topicPartitions()));
            add("consumer groups",
                id + " " + member.consumerId() + " " + member.groupInstanceId() + " of "
                    + member.clientId() + " at " + member.host() + ", epoch "
                    + member.memberEpoch() + ": " + names(member.assignment().topicPartitions())
                    + ", target " + target);
        }
    }

    /** What it divides, and how far its members have got (KIP-1071). */
    private void seeStreamsGroup(String id) throws Exception {
        var group = get(admin.describeStreamsGroups(List.of(id)).all()).get(id);
        var subtopologies = group.subtopologies().stream().map(it -> it.subtopologyId()).toList();
        add("streams groups",
            id + " " + group.groupState() + " " + group.groupEpoch() + " "
                + group.targetAssignmentEpoch() + " " + group.topologyEpoch() + " "
                + subtopologies);
        for (var member : sorted(group.members(), it -> it.memberId())) {
            add("streams groups",
                id + " " + member.memberId() + " " + member.instanceId() + " of "
                    + member.clientId() + " in " + member.processId() + " at "
                    + member.clientHost() + " " + member.userEndpoint() + " "
                    + member.clientTags() + ", epoch " + member.memberEpoch() + ": "
                    + member.assignment() + ", target " + member.targetAssignment());
        }
    }

    private static List<String> names(Collection<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartition::toString).sorted().toList();
    }

    private void seeTransactions() throws Exception {
        for (var listed :
            sorted(get(admin.listTransactions().all()), it -> it.transactionalId())) {
            if (listed.transactionalId().startsWith(PASSING)) {
                continue;
            }
            add("kafka-transactions list", listed);
            var id = listed.transactionalId();
            var described = get(admin.describeTransactions(List.of(id)).description(id));
            // Whoever aborted or committed it is a coordinator of its own.
            add("kafka-transactions describe", id + " " + described);
        }
    }

    private void seeProducers(List<TopicPartition> partitions) throws Exception {
        var described = get(admin.describeProducers(partitions).all());
        for (var partition : partitions) {
            var producers = sorted(
                described.get(partition).activeProducers(), it -> "" + it.producerId());
            producers.forEach(producer -> add("producers", partition + " " + producer));
        }
    }

    private static <T> List<T> sorted(
        Collection<T> items, java.util.function.Function<T, String> key) {
        return items.stream().sorted(Comparator.comparing(key)).toList();
    }

    private static Comparator<TopicPartition> byName() {
        return Comparator.comparing(TopicPartition::toString);
    }
}
