import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.message.StreamsGroupDescribeRequestData;
import org.apache.kafka.common.message.StreamsGroupTopologyDescriptionUpdateRequestData;
import org.apache.kafka.common.message.StreamsGroupTopologyDescriptionUpdateRequestData.*;
import org.apache.kafka.common.protocol.ApiKeys;

/** What members tell of their topologies (KIP-1331), with Kafka's plugin that remembers it. */
final class TopologyDescriptionCases {
    private static final byte SOURCE = 1;
    private static final byte PROCESSOR = 2;
    private static final byte SINK = 3;
    private static final short DESCRIBE_VERSION = 1;

    private TopologyDescriptionCases() {
    }

    static void addTo(Cases cases) {
        for (String group : List.of("", " ", "no-group")) {
            push(cases, "group '" + group + "'", pushed -> pushed.setGroupId(group));
        }
        for (String member : List.of("", " ", "another")) {
            push(cases, "member '" + member + "'", pushed -> pushed.setMemberId(member));
        }
        for (int epoch : List.of(-1, 1)) {
            push(cases, "epoch " + epoch, pushed -> pushed.setTopologyEpoch(epoch));
        }
        describe(cases, "nothing");
        describe(cases, "no nodes", new TopologyDescriptionSubtopology().setSubtopologyId("0"));
        describe(cases, "one of each kind",
            subtopology(node(SOURCE, "in"), node(PROCESSOR, "step"), node(SINK, "out")));
        describe(cases, "names twice", subtopology(twice(SOURCE), twice(PROCESSOR), twice(SINK)));
        describe(cases, "a sink without topic", subtopology(node(SINK, "out").setSinkTopic(null)));
        describe(cases, "the same subtopology twice", subtopology(node(SOURCE, "in")),
            subtopology(node(SOURCE, "in")));
        for (int type : List.of(-1, 0, 4)) {
            describe(cases, "a node of type " + type, subtopology(node((byte) type, "node")));
        }
        for (byte source : List.of(SOURCE, PROCESSOR, SINK)) {
            for (byte processor : List.of(SOURCE, PROCESSOR, SINK)) {
                push(cases, "global store of " + source + " and " + processor,
                    pushed
                    -> pushed.topologyDescription().setGlobalStores(
                        List.of(new TopologyDescriptionGlobalStore()
                                    .setSource(node(source, "from"))
                                    .setProcessor(node(processor, "to")))));
            }
        }
        addHeartbeats(cases);
    }

    private static TopologyDescriptionNode node(byte type, String name) {
        return new TopologyDescriptionNode()
            .setName(name)
            .setNodeType(type)
            .setSourceTopics(List.of("topic"))
            .setSinkTopic("sink")
            .setStores(List.of("store"))
            .setSuccessors(List.of("next"));
    }

    private static TopologyDescriptionNode twice(byte type) {
        return node(type, "twice")
            .setSourceTopics(List.of("b", "a", "b"))
            .setStores(List.of("t", "s", "t"))
            .setSuccessors(List.of("y", "x", "y"));
    }

    private static TopologyDescriptionSubtopology subtopology(TopologyDescriptionNode... nodes) {
        return new TopologyDescriptionSubtopology().setSubtopologyId("0").setNodes(List.of(nodes));
    }

    private static void describe(
        Cases cases, String situation, TopologyDescriptionSubtopology... subtopologies) {
        push(cases, situation,
            pushed -> pushed.topologyDescription().setSubtopologies(List.of(subtopologies)));
    }

    private static StreamsGroupTopologyDescriptionUpdateRequestData by(
        StreamsGroupCases.Member member) {
        return new StreamsGroupTopologyDescriptionUpdateRequestData()
            .setGroupId(member.group())
            .setMemberId(StreamsGroupCases.MEMBER);
    }

    /** And what is seen of the group then. */
    private static void push(Cases cases, String situation,
        Consumer<StreamsGroupTopologyDescriptionUpdateRequestData> change) {
        cases.each(ApiKeys.STREAMS_GROUP_TOPOLOGY_DESCRIPTION_UPDATE, situation,
            (broker, version) -> {
                var member = StreamsGroupCases.member(broker, own -> {});
                var request = by(member);
                change.accept(request);
                Facts answer = Facts.of(version, broker.ask(version, request));
                return answer.and("then", described(broker, member, true));
            });
    }

    private static Facts described(
        Broker broker, StreamsGroupCases.Member member, boolean withDescription) throws Exception {
        return Facts.of(DESCRIBE_VERSION,
            broker.ask(DESCRIBE_VERSION,
                new StreamsGroupDescribeRequestData()
                    .setGroupIds(List.of(member.group()))
                    .setIncludeTopologyDescription(withDescription)));
    }

    /** Who is asked for a description. */
    private static void addHeartbeats(Cases cases) {
        ApiKeys api = ApiKeys.STREAMS_GROUP_HEARTBEAT;
        cases.each(api, "a description is asked for once", (broker, version) -> {
            var member = StreamsGroupCases.member(broker, own -> {});
            var beat = StreamsGroupCases.beat(member, member.epoch());
            Facts first = Facts.of(version, broker.ask(version, beat));
            return first.and("again", Facts.of(version, broker.ask(version, beat)));
        });
        cases.each(api, "no description is asked for that is there", (broker, version) -> {
            var member = StreamsGroupCases.member(broker, own -> {});
            broker.ask(0, by(member));
            var beat = StreamsGroupCases.beat(member, member.epoch());
            return Facts.of(version, broker.ask(version, beat))
                .and("not wanted", described(broker, member, false));
        });
        cases.each(api, "a group is described whose last member has left", (broker, version) -> {
            var member = StreamsGroupCases.member(broker, own -> {});
            broker.ask(0, by(member));
            broker.ask(version, StreamsGroupCases.leave(member.group()));
            return described(broker, member, true);
        });
    }
}
