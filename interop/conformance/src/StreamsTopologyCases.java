import java.util.List;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.*;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Topologies of streams groups (KIP-1071): which there may be, and what topics they need. */
final class StreamsTopologyCases {
    private static final String TOPIC = StreamsGroupCases.TOPIC;
    private static final String UNKNOWN = "nowhere";
    private static final int PARTITIONS = StreamsGroupCases.PARTITIONS;

    private StreamsTopologyCases() {
    }

    static void addTo(Cases cases) {
        topology(cases, "nothing", topology());
        topology(cases, "a missing source", topology(reading("0", UNKNOWN)));
        topology(cases, "five missing sources",
            topology(reading("1", "e", "d", "b"), reading("0", "c", "a", TOPIC)));
        topology(cases, "no source", topology(reading("0")));
        topology(cases, "a source twice", topology(reading("0", TOPIC, TOPIC)));
        topology(cases, "two subtopologies of a source",
            topology(reading("0", TOPIC), reading("1", TOPIC)));
        topology(cases, "a subtopology twice",
            topology(reading("0", TOPIC), reading("0", TOPIC)));
        topology(cases, "a subtopology without id", topology(reading("", TOPIC)));
        topology(cases, "an expression",
            topology(reading("0").setSourceTopicRegex(List.of("a.*"))));
        for (int epoch : List.of(-1, 1, Integer.MAX_VALUE)) {
            topology(cases, "epoch " + epoch, topology(reading("0", TOPIC)).setEpoch(epoch));
        }
        for (int partitions : List.of(-1, 1, PARTITIONS)) {
            topology(cases, "a changelog of " + partitions + " partitions",
                topology(reading("0", TOPIC).setStateChangelogTopics(
                    List.of(internal("log", partitions)))));
        }
        for (String name : List.of("", ".", "a/b", "x".repeat(250))) {
            topology(cases, "a changelog named '" + name + "'",
                topology(reading("0", TOPIC).setStateChangelogTopics(
                    List.of(internal(name, 0)))));
        }
        topology(cases, "a changelog twice",
            topology(reading("0", TOPIC).setStateChangelogTopics(
                List.of(internal("log", 0), internal("log", 0)))));
        topology(cases, "a changelog of which a config has two values",
            topology(reading("0", TOPIC).setStateChangelogTopics(
                List.of(internal("log", 0).setTopicConfigs(
                    List.of(new KeyValue().setKey("retention.ms").setValue("1"),
                        new KeyValue().setKey("retention.ms").setValue("2")))))));
        addRepartitions(cases);
        addCopartitions(cases);
        addMissingInternalTopics(cases);
    }

    private static void addRepartitions(Cases cases) {
        for (int partitions : List.of(-1, 0)) {
            topology(cases, "a repartition topic that nobody writes, partitions " + partitions,
                topology(reading("0").setRepartitionSourceTopics(
                    List.of(internal("words", partitions)))));
        }
        topology(cases, "a loop",
            topology(reading("0")
                         .setRepartitionSourceTopics(List.of(internal("a", 0)))
                         .setRepartitionSinkTopics(List.of("b")),
                reading("1")
                    .setRepartitionSourceTopics(List.of(internal("b", 0)))
                    .setRepartitionSinkTopics(List.of("a"))));
        topology(cases, "a repartition topic that nobody reads",
            topology(reading("0", TOPIC).setRepartitionSinkTopics(List.of("unread"))));
        // A topic that is there already stands for one that Kafka would create.
        topology(cases, "a repartition topic of the right partitions",
            topology(reading("0", TOPIC).setRepartitionSinkTopics(List.of("batches")),
                reading("1").setRepartitionSourceTopics(List.of(internal("batches", 0)))));
        topology(cases, "a repartition topic of other partitions",
            topology(reading("0", TOPIC).setRepartitionSinkTopics(List.of("batches")),
                reading("1").setRepartitionSourceTopics(List.of(internal("batches", 7)))));
        topology(cases, "a changelog that is there",
            topology(reading("0", TOPIC).setStateChangelogTopics(
                List.of(internal("batches", 0)))));
    }

    private static void addCopartitions(Cases cases) {
        for (short index : new short[] {-1, 1, Short.MAX_VALUE}) {
            topology(cases, "a copartitioned source " + index,
                topology(reading("0", TOPIC).setCopartitionGroups(
                    List.of(new CopartitionGroup().setSourceTopics(List.of(index))))));
            topology(cases, "a copartitioned repartition topic " + index,
                topology(reading("0", TOPIC).setCopartitionGroups(
                    List.of(new CopartitionGroup().setRepartitionSourceTopics(List.of(index))))));
        }
        topology(cases, "an empty copartition group",
            topology(reading("0", TOPIC).setCopartitionGroups(List.of(new CopartitionGroup()))));
        topology(cases, "copartitioned sources",
            topology(reading("0", TOPIC, "batches").setCopartitionGroups(
                List.of(new CopartitionGroup().setSourceTopics(List.of((short) 0, (short) 1))))));
        topology(cases, "copartitioned sources of different partitions",
            topology(reading("0", TOPIC, "__consumer_offsets", "__transaction_state",
                                 "__share_group_state")
                         .setCopartitionGroups(List.of(new CopartitionGroup().setSourceTopics(
                             List.of((short) 0, (short) 3))))));
        topology(cases, "a fixed repartition topic beside a source of other partitions",
            topology(reading("0", TOPIC).setRepartitionSinkTopics(List.of("words")),
                reading("1", TOPIC)
                    .setRepartitionSourceTopics(List.of(internal("words", 7)))
                    .setCopartitionGroups(
                        List.of(new CopartitionGroup()
                                    .setSourceTopics(List.of((short) 0))
                                    .setRepartitionSourceTopics(List.of((short) 0))))));
        topology(cases, "fixed repartition topics of different partitions",
            topology(reading("0", TOPIC).setRepartitionSinkTopics(List.of("a", "b")),
                reading("1")
                    .setRepartitionSourceTopics(List.of(internal("a", 5), internal("b", 6)))
                    .setCopartitionGroups(List.of(new CopartitionGroup().setRepartitionSourceTopics(
                        List.of((short) 0, (short) 1))))));
    }

    /** They are created soon, so each has a name of its own. */
    private static void addMissingInternalTopics(Cases cases) {
        cases.each(ApiKeys.STREAMS_GROUP_HEARTBEAT, "topology: a missing changelog",
            (broker, version) -> {
                String group = StreamsGroupCases.group(broker);
                return StreamsGroupCases.answer(broker, version,
                    join(group,
                        topology(reading("0", TOPIC).setStateChangelogTopics(
                            List.of(internal(group + "-log", 0))))));
            });
        cases.each(ApiKeys.STREAMS_GROUP_HEARTBEAT, "topology: a missing repartition topic, then",
            (broker, version) -> {
                String group = StreamsGroupCases.group(broker);
                var joined =
                    join(group,
                        topology(
                            reading("0", TOPIC).setRepartitionSinkTopics(List.of(group + "-r")),
                            reading("1").setRepartitionSourceTopics(
                                List.of(internal(group + "-r", 2)))));
                Facts first = StreamsGroupCases.answer(broker, version, joined);
                StreamsGroupHeartbeatResponseData last =
                    broker.askUntil((StreamsGroupHeartbeatResponseData answer)
                                        -> answer.activeTasks() != null
                            && answer.activeTasks().size() == 2,
                        version, joined);
                return first.and("then", Facts.of(version, last))
                    .and("described", StreamsGroupCases.described(broker, group));
            });
        cases.each(ApiKeys.STREAMS_GROUP_HEARTBEAT, "topology: an internal topic's configs",
            (broker, version) -> {
                String group = StreamsGroupCases.group(broker);
                return StreamsGroupCases.answer(broker, version,
                    join(group,
                        topology(reading("0", TOPIC).setStateChangelogTopics(
                            List.of(internal(group + "-log", 0)
                                    .setReplicationFactor((short) 1)
                                    .setTopicConfigs(List.of(new KeyValue()
                                                                 .setKey("cleanup.policy")
                                                                 .setValue("compact"))))))))
                    .and("described", StreamsGroupCases.described(broker, group));
            });
    }

    private static void topology(Cases cases, String situation, Topology topology) {
        cases.each(ApiKeys.STREAMS_GROUP_HEARTBEAT, "topology: " + situation, (broker, version) -> {
            broker.topicId("batches");
            String group = StreamsGroupCases.group(broker);
            return StreamsGroupCases.answer(broker, version, join(group, topology))
                .and("described", StreamsGroupCases.described(broker, group));
        });
    }

    private static TopicInfo internal(String name, int partitions) {
        return new TopicInfo().setName(name).setPartitions(partitions);
    }

    private static StreamsGroupHeartbeatRequestData join(String group, Topology topology) {
        return StreamsGroupCases.join(group).setTopology(topology);
    }

    private static Subtopology reading(String id, String... topics) {
        return StreamsGroupCases.reading(id, topics);
    }

    private static Topology topology(Subtopology... subtopologies) {
        return StreamsGroupCases.topology(subtopologies);
    }
}
