import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Groups and offsets that are to be forgotten. */
final class GroupAdminCases {
    private static final String TOPIC = "subscribed";
    private static final String OTHER = "not subscribed";

    /** What a group is like when it is asked about. */
    private enum Group {
        UNKNOWN,
        WITH_OFFSETS,
        CONSUMER,
        UNREADABLE_CONSUMER,
        JOINING,
        OTHER_PROTOCOL,
        /** Of KIP-848. */
        NEXT_GENERATION,
        LEFT_NEXT_GENERATION,
        /** Of KIP-932. */
        SHARE,
        LEFT_SHARE,
        /** Of KIP-1071. */
        STREAMS,
        LEFT_STREAMS;

        /** Makes it; gives its id. */
        String make(Broker broker) throws Exception {
            String id = broker.unique("forgotten");
            switch (this) {
                case WITH_OFFSETS -> commit(broker, id);
                case CONSUMER -> join(broker, id, "consumer", subscription(), true);
                case UNREADABLE_CONSUMER -> join(broker, id, "consumer", new byte[] {1}, true);
                case JOINING -> join(broker, id, "consumer", subscription(), false);
                case OTHER_PROTOCOL -> join(broker, id, "connect", new byte[] {1}, true);
                case NEXT_GENERATION -> joinNextGeneration(broker, id);
                case LEFT_NEXT_GENERATION -> {
                    joinNextGeneration(broker, id);
                    broker.ask(1, ConsumerGroupCases.join(id).setMemberEpoch(-1));
                }
                case SHARE -> broker.ask(1, ShareGroupCases.join(id));
                case LEFT_SHARE -> {
                    broker.ask(1, ShareGroupCases.join(id));
                    broker.ask(1, ShareGroupCases.leave(id));
                }
                case STREAMS -> broker.ask(0, StreamsGroupCases.join(id));
                case LEFT_STREAMS -> {
                    broker.ask(0, StreamsGroupCases.join(id));
                    broker.ask(0, StreamsGroupCases.leave(id));
                }
                default -> { }
            }
            return id;
        }
    }

    private GroupAdminCases() {
    }

    static void addTo(Cases cases) {
        addGroups(cases);
        addLists(cases);
        addOffsets(cases);
    }

    private static void addGroups(Cases cases) {
        for (Group group : Group.values()) {
            cases.each(ApiKeys.DELETE_GROUPS, group.toString(), (broker, version) -> {
                String id = group.make(broker);
                Facts facts = delete(broker, version, id);
                return facts.and("offset left", offset(broker, id));
            });
        }
        cases.each(ApiKeys.DELETE_GROUPS, "a group without name",
            (broker, version) -> delete(broker, version, ""));
        cases.each(
            ApiKeys.DELETE_GROUPS, "no group", (broker, version) -> delete(broker, version));
        cases.each(ApiKeys.DELETE_GROUPS, "a group twice", (broker, version) -> {
            String id = Group.WITH_OFFSETS.make(broker);
            return delete(broker, version, id, id);
        });
        cases.each(ApiKeys.DELETE_GROUPS, "several groups", (broker, version) -> {
            String id = Group.WITH_OFFSETS.make(broker);
            return delete(broker, version, "no-group", id, "x".repeat(300));
        });
    }

    private static void addLists(Cases cases) {
        for (Group group : Group.values()) {
            list(cases, 0, group, "no filter", request -> {});
            for (String state : List.of("Stable", "EMPTY")) {
                list(cases, 4, group, "state " + state,
                    request -> request.setStatesFilter(List.of(state)));
            }
            for (String type : List.of("consumer", "CLASSIC", "share", "Streams", "other")) {
                list(cases, 5, group, "type " + type,
                    request -> request.setTypesFilter(List.of(type)));
            }
        }
    }

    /** Whether, and as what, the group is listed; there are others. */
    private static void list(Cases cases, int first, Group group, String filter,
        Consumer<ListGroupsRequestData> change) {
        cases.each(ApiKeys.LIST_GROUPS, first, Short.MAX_VALUE, group + ", " + filter,
            (broker, version) -> {
                String id = group.make(broker);
                var request = new ListGroupsRequestData();
                change.accept(request);
                ListGroupsResponseData answer = broker.ask(version, request);
                answer.groups().removeIf(listed -> !listed.groupId().equals(id));
                return Facts.of(version, answer);
            });
    }

    private static Facts delete(Broker broker, short version, String... groups) throws Exception {
        DeleteGroupsResponseData answer =
            broker.ask(version, new DeleteGroupsRequestData().setGroupsNames(List.of(groups)));
        // In the order of the coordinators' partitions.
        answer.results().sort((a, b) -> a.groupId().compareTo(b.groupId()));
        return Facts.of(version, answer);
    }

    private static void addOffsets(Cases cases) {
        for (Group group : Group.values()) {
            for (String topic : List.of(TOPIC, OTHER, "")) {
                cases.each(ApiKeys.OFFSET_DELETE, group + " of '" + topic + "'",
                    (broker, version) -> {
                        String id = group.make(broker);
                        return forget(broker, version, id, topic(topic, 0, 0, -1, 9))
                            .and("offset left", offset(broker, id));
                    });
            }
        }
        cases.each(ApiKeys.OFFSET_DELETE, "a group without name",
            (broker, version) -> forget(broker, version, "", topic(TOPIC, 0)));
        cases.each(ApiKeys.OFFSET_DELETE, "no topic",
            (broker, version) -> forget(broker, version, Group.WITH_OFFSETS.make(broker)));
        cases.each(ApiKeys.OFFSET_DELETE, "no topic of no group",
            (broker, version) -> forget(broker, version, "no-group"));
        cases.each(ApiKeys.OFFSET_DELETE, "no partition",
            (broker, version)
                -> forget(broker, version, Group.WITH_OFFSETS.make(broker), topic(TOPIC)));
        cases.each(ApiKeys.OFFSET_DELETE, "several topics",
            (broker, version)
                -> forget(broker, version, Group.CONSUMER.make(broker), topic(TOPIC, 1, 0),
                    topic("unknown", 0), topic(OTHER, 3)));
    }

    private static OffsetDeleteRequestTopic topic(String name, int... partitions) {
        return new OffsetDeleteRequestTopic().setName(name).setPartitions(
            java.util.Arrays.stream(partitions)
                .mapToObj(index -> new OffsetDeleteRequestPartition().setPartitionIndex(index))
                .toList());
    }

    private static Facts forget(Broker broker, short version, String group,
        OffsetDeleteRequestTopic... topics) throws Exception {
        broker.topicId(TOPIC);
        var all = new OffsetDeleteRequestTopicCollection();
        for (var topic : topics) {
            all.mustAdd(topic.duplicate());
        }
        OffsetDeleteResponseData answer = broker.ask(
            version, new OffsetDeleteRequestData().setGroupId(group).setTopics(all));
        return Facts.of(version, answer);
    }

    private static void commit(Broker broker, String group) throws Exception {
        broker.topicId(TOPIC);
        broker.ask(2,
            new OffsetCommitRequestData()
                .setGroupId(group)
                .setGenerationIdOrMemberEpoch(-1)
                .setTopics(List.of(new OffsetCommitRequestTopic().setName(TOPIC).setPartitions(
                    List.of(new OffsetCommitRequestPartition()
                            .setPartitionIndex(0)
                            .setCommittedOffset(7)
                            .setCommittedMetadata(""))))));
    }

    private static long offset(Broker broker, String group) throws Exception {
        OffsetFetchResponseData answer =
            broker.ask(2, new OffsetFetchRequestData().setGroupId(group).setTopics(null));
        return answer.topics().isEmpty()
            ? -1
            : answer.topics().get(0).partitions().get(0).committedOffset();
    }

    private static void join(Broker broker, String group, String protocol, byte[] metadata,
        boolean isAssigned) throws Exception {
        commit(broker, group);
        var protocols = new JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestProtocol().setName("range").setMetadata(metadata));
        JoinGroupResponseData joined = broker.ask(3,
            new JoinGroupRequestData()
                .setGroupId(group)
                .setSessionTimeoutMs(30_000)
                .setRebalanceTimeoutMs(30_000)
                .setProtocolType(protocol)
                .setProtocols(protocols));
        if (isAssigned) {
            broker.ask(3,
                new SyncGroupRequestData()
                    .setGroupId(group)
                    .setMemberId(joined.memberId())
                    .setGenerationId(joined.generationId())
                    .setAssignments(List.of(
                        new SyncGroupRequestAssignment().setMemberId(joined.memberId()))));
        }
    }

    private static void joinNextGeneration(Broker broker, String group) throws Exception {
        commit(broker, group);
        ConsumerGroupHeartbeatResponseData joined = broker.ask(
            1, ConsumerGroupCases.join(group).setSubscribedTopicNames(List.of(TOPIC)));
        if (joined.errorCode() != Errors.NONE.code()) {
            throw new AssertionError(joined);
        }
    }

    private static byte[] subscription() {
        ByteBuffer bytes = ConsumerProtocol.serializeSubscription(new Subscription(List.of(TOPIC)));
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }
}
