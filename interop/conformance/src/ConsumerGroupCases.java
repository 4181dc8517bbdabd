import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** Consumer groups (KIP-848): what heartbeats are refused, and what other requests make of them. */
final class ConsumerGroupCases {
    private static final String TOPIC = "assigned";
    private static final String MEMBER = "a-member";
    private static final String INSTANCE = "instance";
    private static final int REBALANCE_TIMEOUT_MS = 10_000;
    private static final int FIRST_COMMIT_OF_MEMBERS = 3;

    /** A group's only member, which has all partitions. */
    private record Member(String group, int epoch) {
    }

    private interface Request {
        ApiMessage about(Member member, Broker broker, short version) throws Exception;
    }

    private ConsumerGroupCases() {
    }

    static void addTo(Cases cases) {
        addJoins(cases);
        addHeartbeats(cases);
        addStaticMembers(cases);
        addDescriptions(cases);
        addClassicRequests(cases);
        addOffsets(cases);
    }

    /** The first heartbeat of a member. */
    static ConsumerGroupHeartbeatRequestData join(String group) {
        return new ConsumerGroupHeartbeatRequestData()
            .setGroupId(group)
            .setMemberId(MEMBER)
            .setMemberEpoch(0)
            .setRebalanceTimeoutMs(REBALANCE_TIMEOUT_MS)
            .setSubscribedTopicNames(List.of(TOPIC))
            .setTopicPartitions(List.of());
    }

    /** Kafka's coordinators hear of a topic later than the leaders of its partitions. */
    private static Uuid topicId(Broker broker) throws Exception {
        Uuid id = broker.topicId(TOPIC);
        if (broker.once(TOPIC)) {
            broker.<ConsumerGroupHeartbeatResponseData>askUntil(answer
                -> answer.assignment() != null
                    && !answer.assignment().topicPartitions().isEmpty(),
                1, join("first-consumers"));
        }
        return id;
    }

    private static ConsumerGroupHeartbeatRequestData beat(Member member, int epoch) {
        return new ConsumerGroupHeartbeatRequestData()
            .setGroupId(member.group)
            .setMemberId(MEMBER)
            .setMemberEpoch(epoch);
    }

    private static Member member(Broker broker, Consumer<ConsumerGroupHeartbeatRequestData> own)
        throws Exception {
        topicId(broker);
        var request = join(broker.unique("consumers"));
        own.accept(request);
        ConsumerGroupHeartbeatResponseData joined = broker.ask(1, request);
        if (joined.errorCode() != Errors.NONE.code()) {
            throw new AssertionError(joined);
        }
        return new Member(request.groupId(), joined.memberEpoch());
    }

    private static void addJoins(Cases cases) {
        join(cases, "the first member", request -> {});
        join(cases, "no member id", request -> request.setMemberId(""));
        join(cases, "a blank member id", request -> request.setMemberId(" "));
        join(cases, "an empty group id", request -> request.setGroupId(""));
        join(cases, "an empty instance id", request -> request.setInstanceId(""));
        join(cases, "an empty rack", request -> request.setRackId(""));
        join(cases, "a rack", request -> request.setRackId("rack"));
        join(cases, "no rebalance timeout", request -> request.setRebalanceTimeoutMs(-1));
        join(cases, "no partitions", request -> request.setTopicPartitions(null));
        join(cases, "partitions", request -> request.setTopicPartitions(List.of(partitions(0))));
        join(cases, "no topics", request -> request.setSubscribedTopicNames(null));
        join(cases, "an empty list of topics",
            request -> request.setSubscribedTopicNames(List.of()));
        join(cases, "an unknown topic",
            request -> request.setSubscribedTopicNames(List.of("nowhere")));
        join(cases, "the range assignor", request -> request.setServerAssignor("range"));
        join(cases, "an unknown assignor", request -> request.setServerAssignor("none"));
        join(cases, "an empty assignor", request -> request.setServerAssignor(""));
        for (int epoch : List.of(-3, -2, -1, 1)) {
            join(cases, "epoch " + epoch, request -> request.setMemberEpoch(epoch));
        }
        for (String regex : List.of("nothing-.*", "(", "[", "a{2001}", "(?=a)")) {
            cases.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, 1, "the expression " + regex,
                (broker, version)
                    -> answer(broker, version,
                        join(broker.unique("consumers"))
                            .setSubscribedTopicNames(null)
                            .setSubscribedTopicRegex(regex)));
        }
    }

    private static void join(
        Cases cases, String situation, Consumer<ConsumerGroupHeartbeatRequestData> change) {
        cases.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "join: " + situation, (broker, version) -> {
            topicId(broker);
            var request = join(broker.unique("consumers"));
            change.accept(request);
            return answer(broker, version, request);
        });
    }

    private static TopicPartitions partitions(int... partitions) {
        return new TopicPartitions()
            .setTopicId(new Uuid(1, 2))
            .setPartitions(java.util.Arrays.stream(partitions).boxed().toList());
    }

    private static void addHeartbeats(Cases cases) {
        for (int ahead : List.of(-2, -1, 0, 1)) {
            each(cases, "epoch " + ahead + " ahead",
                (member, broker, version) -> beat(member, member.epoch + ahead));
            each(cases, "epoch " + ahead + " ahead, and nothing is owned",
                (member, broker, version)
                    -> beat(member, member.epoch + ahead).setTopicPartitions(List.of()));
        }
        each(cases, "everything again",
            (member, broker, version)
                -> join(member.group)
                       .setMemberEpoch(member.epoch)
                       .setTopicPartitions(List.of(new TopicPartitions()
                               .setTopicId(topicId(broker))
                               .setPartitions(List.of(0, 1, 2, 3)))));
        each(cases, "a join again", (member, broker, version) -> join(member.group));
        each(cases, "an unknown member",
            (member, broker, version) -> beat(member, member.epoch).setMemberId("nobody"));
        each(cases, "other topics",
            (member, broker, version)
                -> beat(member, member.epoch).setSubscribedTopicNames(List.of("nowhere")));
        each(cases, "an unknown assignor",
            (member, broker, version) -> beat(member, member.epoch).setServerAssignor("none"));
        each(cases, "a leave", (member, broker, version) -> beat(member, -1));
        each(cases, "a leave for now without an instance id",
            (member, broker, version) -> beat(member, -2));
        each(cases, "a leave of an unknown member",
            (member, broker, version) -> beat(member, -1).setMemberId("nobody"));
        each(cases, "an unknown instance",
            (member, broker, version) -> beat(member, member.epoch).setInstanceId(INSTANCE));
    }

    private static void each(Cases cases, String situation, Request request) {
        cases.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "heartbeat: " + situation,
            (broker, version)
                -> answer(broker, version,
                    request.about(member(broker, joining -> {}), broker, version)));
    }

    private static void addStaticMembers(Cases cases) {
        staticMember(cases, "a successor while it is there",
            member -> join(member.group).setInstanceId(INSTANCE).setMemberId("another"));
        staticMember(cases, "a heartbeat of another one",
            member -> beat(member, member.epoch).setInstanceId(INSTANCE).setMemberId("another"));
        staticMember(cases, "a leave of another one",
            member -> beat(member, -1).setInstanceId(INSTANCE).setMemberId("another"));
        staticMember(
            cases, "a leave for now", member -> beat(member, -2).setInstanceId(INSTANCE));
        staticMember(cases, "a leave", member -> beat(member, -1).setInstanceId(INSTANCE));
        staticMember(cases, "a leave without the instance id", member -> beat(member, -1));
        cases.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "static: a successor of one that left for now",
            (broker, version) -> {
                Member member = member(broker, joining -> joining.setInstanceId(INSTANCE));
                broker.ask(1, beat(member, -2).setInstanceId(INSTANCE));
                return answer(broker, version,
                    join(member.group).setInstanceId(INSTANCE).setMemberId("another"));
            });
    }

    private static void staticMember(Cases cases, String situation,
        java.util.function.Function<Member, ConsumerGroupHeartbeatRequestData> request) {
        cases.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "static: " + situation,
            (broker, version)
                -> answer(broker, version,
                    request.apply(
                        member(broker, joining -> joining.setInstanceId(INSTANCE)))));
    }

    private static void addDescriptions(Cases cases) {
        for (String group : List.of("", "no-group")) {
            cases.each(ApiKeys.CONSUMER_GROUP_DESCRIBE, "group '" + group + "'",
                (broker, version)
                    -> answer(broker, version,
                        new ConsumerGroupDescribeRequestData().setGroupIds(List.of(group))));
        }
        for (boolean withOperations : List.of(false, true)) {
            cases.each(ApiKeys.CONSUMER_GROUP_DESCRIBE,
                "a group of one member, operations " + withOperations,
                (broker, version)
                    -> answer(broker, version,
                        new ConsumerGroupDescribeRequestData()
                            .setGroupIds(List.of(member(broker, joining -> {}).group))
                            .setIncludeAuthorizedOperations(withOperations)));
        }
        cases.each(ApiKeys.CONSUMER_GROUP_DESCRIBE, "a static member in a rack",
            (broker, version) -> {
                Member member = member(broker,
                    joining
                    -> joining.setInstanceId(INSTANCE).setRackId("rack").setServerAssignor(
                        "range"));
                return answer(broker, version,
                    new ConsumerGroupDescribeRequestData().setGroupIds(List.of(member.group)));
            });
        cases.each(ApiKeys.CONSUMER_GROUP_DESCRIBE, "an empty group", (broker, version) -> {
            Member member = member(broker, joining -> {});
            broker.ask(1, beat(member, -1));
            return answer(broker, version,
                new ConsumerGroupDescribeRequestData().setGroupIds(List.of(member.group)));
        });
        cases.each(ApiKeys.DESCRIBE_GROUPS, "a consumer group",
            (broker, version)
                -> answer(broker, version,
                    new DescribeGroupsRequestData().setGroups(
                        List.of(member(broker, joining -> {}).group))));
    }

    static JoinGroupRequestData classicJoin(String group, String id, String type) {
        var metadata = ConsumerProtocol.serializeSubscription(new Subscription(List.of(TOPIC)));
        var protocols = new JoinGroupRequestProtocolCollection();
        protocols.add(
            new JoinGroupRequestProtocol().setName("range").setMetadata(bytes(metadata)));
        return new JoinGroupRequestData()
            .setGroupId(group)
            .setMemberId(id)
            .setProtocolType(type)
            .setProtocols(protocols)
            .setSessionTimeoutMs(REBALANCE_TIMEOUT_MS)
            .setRebalanceTimeoutMs(REBALANCE_TIMEOUT_MS);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static void addClassicRequests(Cases cases) {
        for (String id : List.of("", "classic")) {
            for (String type : List.of("consumer", "connect")) {
                cases.each(ApiKeys.JOIN_GROUP, 4, 9,
                    "a consumer group, member '" + id + "', type " + type,
                    (broker, version)
                        -> answer(broker, version,
                            classicJoin(member(broker, joining -> {}).group, id, type)));
            }
        }
        cases.each(ApiKeys.HEARTBEAT, "a member of a consumer group", (broker, version) -> {
            Member member = member(broker, joining -> {});
            return answer(broker, version,
                new HeartbeatRequestData()
                    .setGroupId(member.group)
                    .setMemberId(MEMBER)
                    .setGenerationId(member.epoch));
        });
        cases.each(ApiKeys.SYNC_GROUP, "a member of a consumer group", (broker, version) -> {
            Member member = member(broker, joining -> {});
            return answer(broker, version,
                new SyncGroupRequestData()
                    .setGroupId(member.group)
                    .setMemberId(MEMBER)
                    .setGenerationId(member.epoch)
                    .setProtocolType(version < 5 ? null : "consumer")
                    .setProtocolName(version < 5 ? null : "range"));
        });
        for (String id : List.of(MEMBER, "nobody")) {
            cases.each(ApiKeys.LEAVE_GROUP, "'" + id + "' of a consumer group",
                (broker, version) -> {
                    var request = new LeaveGroupRequestData().setGroupId(
                        member(broker, joining -> {}).group);
                    if (version < 3) {
                        request.setMemberId(id);
                    } else {
                        request.setMembers(List.of(new MemberIdentity().setMemberId(id)));
                    }
                    return answer(broker, version, request);
                });
        }
    }

    private static void addOffsets(Cases cases) {
        for (int ahead : List.of(-1, 0, 1)) {
            commit(cases, "epoch " + ahead + " ahead", MEMBER, ahead);
            fetch(cases, "epoch " + ahead + " ahead", MEMBER, ahead);
        }
        for (int ahead : List.of(-1, 0, 1)) {
            commitInTransaction(cases, "epoch " + ahead + " ahead", MEMBER, ahead);
        }
        commitInTransaction(cases, "nobody", "nobody", 0);
        commitInTransaction(cases, "an outsider", "", -1_000);
        commit(cases, "nobody", "nobody", 0);
        commit(cases, "an outsider", "", -1_000);
        fetch(cases, "nobody", "nobody", 0);
        fetch(cases, "an outsider", null, -1_000);
    }

    /** Far behind means -1: no epoch. */
    private static int epoch(Member member, int ahead) {
        return Math.max(-1, member.epoch + ahead);
    }

    private static void commit(Cases cases, String situation, String id, int ahead) {
        cases.each(ApiKeys.OFFSET_COMMIT, "to a consumer group: " + situation,
            (broker, version) -> {
                Member member = member(broker, joining -> {});
                var topic = new OffsetCommitRequestTopic().setPartitions(
                    List.of(new OffsetCommitRequestPartition().setCommittedOffset(5)));
                if (version < 10) {
                    topic.setName(TOPIC);
                } else {
                    topic.setTopicId(topicId(broker));
                }
                return answer(broker, version,
                    new OffsetCommitRequestData()
                        .setGroupId(member.group)
                        .setMemberId(id)
                        .setGenerationIdOrMemberEpoch(epoch(member, ahead))
                        .setTopics(List.of(topic)));
            });
    }

    private static void commitInTransaction(
        Cases cases, String situation, String id, int ahead) {
        cases.each(ApiKeys.TXN_OFFSET_COMMIT, FIRST_COMMIT_OF_MEMBERS, Short.MAX_VALUE,
            "to a consumer group: " + situation, (broker, version) -> {
                Member member = member(broker, joining -> {});
                Transaction transaction = new Transaction(broker, broker.unique("transaction"));
                transaction.start();
                transaction.addOffsets(3, transaction.producer, member.group);
                return answer(broker, version,
                    transaction.commitRequest(transaction.producer, member.group)
                        .setMemberId(id)
                        .setGenerationIdOrMemberEpoch(epoch(member, ahead)));
            });
    }

    private static void fetch(Cases cases, String situation, String id, int ahead) {
        cases.each(ApiKeys.OFFSET_FETCH, 9, 10, "from a consumer group: " + situation,
            (broker, version) -> {
                Member member = member(broker, joining -> {});
                return answer(broker, version,
                    new OffsetFetchRequestData().setGroups(List.of(new OffsetFetchRequestGroup()
                            .setGroupId(member.group)
                            .setMemberId(id)
                            .setMemberEpoch(epoch(member, ahead))
                            .setTopics(null))));
            });
    }

    private static Facts answer(Broker broker, short version, ApiMessage request) throws Exception {
        return Facts.of(version, broker.ask(version, request));
    }
}
