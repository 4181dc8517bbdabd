import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopicCollection;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitionsCollection;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData.*;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** More partitions, other leaders, other replicas: of one broker. */
final class PartitionAdminCases {
    private static final String TOPIC = "administered";
    private static final String UNKNOWN = "unknown";
    private static final int PARTITIONS = 4;

    private PartitionAdminCases() {
    }

    static void addTo(Cases cases) {
        addCreations(cases);
        addElections(cases);
        addReassignments(cases);
        addListings(cases);
    }

    private static void addCreations(Cases cases) {
        for (int count : List.of(-1, 0, 3, 4, 5, 10_001, Integer.MAX_VALUE)) {
            creation(cases, count + " partitions", topic(TOPIC, count, null));
        }
        creation(cases, "of an unknown topic", topic(UNKNOWN, 5, null));
        creation(cases, "of a topic without name", topic("", 5, null));
        creation(cases, "of an illegal name", topic("a/b", 5, null));
        creation(cases, "of too long a name", topic("x".repeat(250), 5, null));
        creation(cases, "no topic");
        creation(cases, "the same topic twice", topic(TOPIC, 5, null), topic(TOPIC, 5, null));
        creation(cases, "the same topic twice, and another", topic(TOPIC, 5, null),
            topic(UNKNOWN, 6, null), topic(TOPIC, 6, null));
        for (List<List<Integer>> brokers :
            List.of(List.<List<Integer>>of(), List.of(List.of(1)), List.of(List.of(7)),
                List.of(List.of(-1)), List.of(List.of(1, 1)), List.of(List.<Integer>of()),
                List.of(List.of(1), List.of(1)), List.of(List.of(1, 7)))) {
            creation(cases, "assigned to " + brokers, topic(TOPIC, 5, brokers));
        }
        creation(cases, "two assigned to brokers of different number",
            topic(TOPIC, 6, List.of(List.of(1), List.of(1, 7))));
        for (boolean isAssigned : List.of(false, true)) {
            cases.each(ApiKeys.CREATE_PARTITIONS, isAssigned ? "made where told" : "made",
                (broker, version) -> {
                    String name = broker.unique("grown");
                    broker.topicId(name);
                    Facts facts = answer(broker, version,
                        create(topic(name, 6, isAssigned ? List.of(List.of(1), List.of(1)) : null))
                            .setValidateOnly(false));
                    return facts.and("partitions", partitionCount(broker, name));
                });
        }
    }

    private static int partitionCount(Broker broker, String topic) throws Exception {
        var request =
            new MetadataRequestData().setTopics(List.of(new MetadataRequestTopic().setName(topic)));
        MetadataResponseData answer = broker.askUntil((MetadataResponseData metadata)
                -> metadata.topics().find(topic).partitions().size() > PARTITIONS,
            9, request);
        return answer.topics().find(topic).partitions().size();
    }

    private static CreatePartitionsTopic topic(
        String name, int count, List<List<Integer>> assignments) {
        var topic = new CreatePartitionsTopic().setName(name).setCount(count).setAssignments(null);
        if (assignments != null) {
            topic.setAssignments(assignments.stream()
                    .map(brokers -> new CreatePartitionsAssignment().setBrokerIds(brokers))
                    .toList());
        }
        return topic;
    }

    private static CreatePartitionsRequestData create(CreatePartitionsTopic... topics) {
        var all = new CreatePartitionsTopicCollection();
        for (var topic : topics) {
            all.mustAdd(topic);
        }
        return new CreatePartitionsRequestData()
            .setTopics(all)
            .setTimeoutMs(10_000)
            .setValidateOnly(true);
    }

    private static void creation(Cases cases, String situation, CreatePartitionsTopic... topics) {
        var request = create(topics);
        cases.each(ApiKeys.CREATE_PARTITIONS, situation, (broker, version) -> {
            broker.topicId(TOPIC);
            return answer(broker, version, request);
        });
    }

    private static void addElections(Cases cases) {
        for (int type : List.of(0, 1, 2, -1)) {
            int first = type == 0 ? 0 : 1;
            for (int partition : List.of(0, PARTITIONS, -1)) {
                election(cases, first, "type " + type + ", partition " + partition, type,
                    partitions(TOPIC, partition));
            }
            election(cases, first, "type " + type + ", an unknown topic", type,
                partitions(UNKNOWN, 0));
            election(cases, first, "type " + type + ", no topic", type);
        }
        election(cases, 0, "a partition twice", 0, partitions(TOPIC, 0, 0));
        election(cases, 0, "a topic twice", 0, partitions(TOPIC, 0), partitions(TOPIC, 0, 1));
        election(cases, 0, "no partition", 0, partitions(TOPIC));
        election(cases, 0, "no name", 0, partitions("", 0));
        election(cases, 0, "several", 0, partitions(UNKNOWN, 1, 0), partitions(TOPIC, 9, 1));
        for (int type : List.of(0, 1)) {
            cases.each(ApiKeys.ELECT_LEADERS, type, 2, "all partitions, type " + type,
                (broker, version) -> {
                    broker.topicId(TOPIC);
                    ElectLeadersResponseData answer = broker.ask(version,
                        new ElectLeadersRequestData()
                            .setElectionType((byte) type)
                            .setTopicPartitions(null));
                    return Facts.error(answer.errorCode())
                        .and("every topic has a leader",
                            !answer.replicaElectionResults().isEmpty()
                                && answer.replicaElectionResults().stream().allMatch(
                                    topic -> topic.partitionResult().isEmpty()));
                });
        }
    }

    private static TopicPartitions partitions(String topic, Integer... partitions) {
        return new TopicPartitions().setTopic(topic).setPartitions(List.of(partitions));
    }

    private static void election(
        Cases cases, int first, String situation, int type, TopicPartitions... topics) {
        var all = new TopicPartitionsCollection();
        for (var topic : topics) {
            all.mustAdd(topic);
        }
        cases.each(ApiKeys.ELECT_LEADERS, first, 2, situation, (broker, version) -> {
            broker.topicId(TOPIC);
            ElectLeadersResponseData answer = broker.ask(version,
                new ElectLeadersRequestData().setElectionType((byte) type).setTopicPartitions(all));
            // In the order of a hash table.
            answer.replicaElectionResults().sort((a, b) -> a.topic().compareTo(b.topic()));
            for (var topic : answer.replicaElectionResults()) {
                topic.partitionResult().sort(
                    (a, b) -> Integer.compare(a.partitionId(), b.partitionId()));
            }
            return Facts.of(version, answer);
        });
    }

    private static void addReassignments(Cases cases) {
        List<List<Integer>> places = new ArrayList<>(
            List.of(List.of(1), List.of(), List.of(7), List.of(1, 7), List.of(1, 1), List.of(-1)));
        places.add(null);
        for (List<Integer> replicas : places) {
            reassignment(cases, "to " + replicas, true, moved(TOPIC, 0, replicas));
        }
        for (int partition : List.of(PARTITIONS, -1)) {
            reassignment(
                cases, "of partition " + partition, true, moved(TOPIC, partition, List.of(1)));
            reassignment(
                cases, "cancelled, of partition " + partition, true, moved(TOPIC, partition, null));
        }
        reassignment(cases, "of an unknown topic", true, moved(UNKNOWN, 0, List.of(1)));
        reassignment(cases, "cancelled, of an unknown topic", true, moved(UNKNOWN, 0, null));
        reassignment(cases, "of no name", true, moved("", 0, List.of(1)));
        reassignment(cases, "of nothing", true);
        reassignment(cases, "of no partition", true, new ReassignableTopic().setName(TOPIC));
        reassignment(cases, "of a partition twice", true,
            new ReassignableTopic().setName(TOPIC).setPartitions(
                List.of(partition(0, List.of(1)), partition(0, List.of(7)))));
        reassignment(cases, "of a topic twice", true, moved(TOPIC, 0, List.of(1)),
            moved(TOPIC, 1, List.of(7)));
        reassignment(cases, "to the same number", false, moved(TOPIC, 0, List.of(1)));
        reassignment(cases, "to another number", false, moved(TOPIC, 0, List.of(1, 7)));
    }

    private static ReassignableTopic moved(String topic, int partition, List<Integer> replicas) {
        return new ReassignableTopic().setName(topic).setPartitions(
            List.of(partition(partition, replicas)));
    }

    private static ReassignablePartition partition(int index, List<Integer> replicas) {
        return new ReassignablePartition().setPartitionIndex(index).setReplicas(replicas);
    }

    private static void reassignment(
        Cases cases, String situation, boolean mayChange, ReassignableTopic... topics) {
        cases.each(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, mayChange ? 0 : 1, 1, situation,
            (broker, version) -> {
                broker.topicId(TOPIC);
                return answer(broker, version,
                    new AlterPartitionReassignmentsRequestData()
                        .setAllowReplicationFactorChange(mayChange)
                        .setTopics(List.of(topics)));
            });
    }

    private static void addListings(Cases cases) {
        listing(cases, "all", null);
        listing(cases, "no topic", List.of());
        listing(cases, "a topic", List.of(listed(TOPIC, 0, 1)));
        listing(cases, "a partition twice", List.of(listed(TOPIC, 0, 0)));
        listing(cases, "a topic without partitions", List.of(listed(TOPIC)));
        listing(cases, "unknown ones",
            List.of(listed(TOPIC, PARTITIONS, -1), listed(UNKNOWN, 0), listed("", 0)));
    }

    private static ListPartitionReassignmentsTopics listed(String topic, Integer... partitions) {
        return new ListPartitionReassignmentsTopics().setName(topic).setPartitionIndexes(
            List.of(partitions));
    }

    private static void listing(
        Cases cases, String situation, List<ListPartitionReassignmentsTopics> topics) {
        cases.each(ApiKeys.LIST_PARTITION_REASSIGNMENTS, situation, (broker, version) -> {
            broker.topicId(TOPIC);
            return answer(
                broker, version, new ListPartitionReassignmentsRequestData().setTopics(topics));
        });
    }

    private static Facts answer(Broker broker, short version, ApiMessage request) throws Exception {
        return Facts.of(version, broker.ask(version, request));
    }
}
