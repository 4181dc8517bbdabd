import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData.*;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData.*;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData.*;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.ShareGroupDescribeRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** Share groups (KIP-932): heartbeats, offsets, and what other requests make of such a group. */
final class ShareGroupCases {
    static final String TOPIC = "shared";
    private static final String UNKNOWN = "nowhere";
    private static final String MEMBER = "a-member";

    /** A group's only member. */
    private record Member(String group, int epoch) {
    }

    private interface Request {
        ApiMessage about(Member member, Broker broker, short version) throws Exception;
    }

    private ShareGroupCases() {
    }

    static void addTo(Cases cases) {
        addCoordinators(cases);
        addJoins(cases);
        addHeartbeats(cases);
        addDescriptions(cases);
        addOtherProtocols(cases);
        addOffsetDescriptions(cases);
        addOffsetChanges(cases);
        addOffsetDeletions(cases);
    }

    private static void addCoordinators(Cases cases) {
        String id = new Uuid(1, 2).toString();
        for (String key : List.of("", "key", "group:" + id, "group:" + id + ":0", ":" + id + ":0",
                 "a:b:" + id + ":0", "group:" + id + ":", "group:" + id + ":x",
                 "group:" + id + ":-1", "group:topic:0", "group::0", "group:" + id + ":0:")) {
            cases.each(ApiKeys.FIND_COORDINATOR, 4, Short.MAX_VALUE,
                "of a share-partition, key '" + key + "'",
                (broker, version)
                    -> answer(broker, version,
                        new FindCoordinatorRequestData().setKeyType((byte) 2).setCoordinatorKeys(
                            List.of(key))));
        }
    }

    /** The first heartbeat of a member, whose topic is not there, so that nothing changes then. */
    static ShareGroupHeartbeatRequestData join(String group) {
        return new ShareGroupHeartbeatRequestData()
            .setGroupId(group)
            .setMemberId(MEMBER)
            .setMemberEpoch(0)
            .setSubscribedTopicNames(List.of(UNKNOWN));
    }

    static ShareGroupHeartbeatRequestData leave(String group) {
        return beat(new Member(group, 0), -1);
    }

    private static ShareGroupHeartbeatRequestData beat(Member member, int epoch) {
        return new ShareGroupHeartbeatRequestData()
            .setGroupId(member.group)
            .setMemberId(MEMBER)
            .setMemberEpoch(epoch);
    }

    private static Member member(Broker broker) throws Exception {
        String group = broker.unique("shares");
        ShareGroupHeartbeatResponseData joined = broker.ask(1, join(group));
        if (joined.errorCode() != Errors.NONE.code()) {
            throw new AssertionError(joined);
        }
        return new Member(group, joined.memberEpoch());
    }

    private static void addJoins(Cases cases) {
        join(cases, "the first member", request -> {});
        join(cases, "no member id", request -> request.setMemberId(""));
        join(cases, "a blank member id", request -> request.setMemberId(" "));
        join(cases, "a long member id", request -> request.setMemberId("x".repeat(37)));
        join(cases, "an empty group id", request -> request.setGroupId(""));
        join(cases, "a blank group id", request -> request.setGroupId(" "));
        join(cases, "an empty rack", request -> request.setRackId(""));
        join(cases, "a rack", request -> request.setRackId("rack"));
        join(cases, "no topics", request -> request.setSubscribedTopicNames(null));
        join(cases, "an empty list of topics",
            request -> request.setSubscribedTopicNames(List.of()));
        join(cases, "a topic that is there",
            request -> request.setSubscribedTopicNames(List.of(TOPIC)));
        join(cases, "a topic twice",
            request -> request.setSubscribedTopicNames(List.of(UNKNOWN, UNKNOWN)));
        join(cases, "a topic that cannot be",
            request -> request.setSubscribedTopicNames(List.of("a/b")));
        for (int epoch : List.of(-3, -2, -1, 1)) {
            join(cases, "epoch " + epoch, request -> request.setMemberEpoch(epoch));
        }
        cases.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "join: a consumer group", (broker, version) -> {
            broker.topicId(TOPIC);
            String group = broker.unique("consumers");
            broker.ask(1, ConsumerGroupCases.join(group));
            return answer(broker, version, join(group));
        });
    }

    private static void join(
        Cases cases, String situation, Consumer<ShareGroupHeartbeatRequestData> change) {
        cases.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "join: " + situation, (broker, version) -> {
            broker.topicId(TOPIC);
            var request = join(broker.unique("shares"));
            change.accept(request);
            return answer(broker, version, request);
        });
    }

    private static void addHeartbeats(Cases cases) {
        for (int ahead : List.of(-2, -1, 0, 1)) {
            each(cases, "epoch " + ahead + " ahead",
                (member, broker, version) -> beat(member, member.epoch + ahead));
        }
        each(cases, "a join again", (member, broker, version) -> join(member.group));
        each(cases, "another member",
            (member, broker, version) -> join(member.group).setMemberId("another"));
        each(cases, "an unknown member",
            (member, broker, version) -> beat(member, member.epoch).setMemberId("nobody"));
        each(cases, "other topics",
            (member, broker, version)
                -> beat(member, member.epoch).setSubscribedTopicNames(List.of("elsewhere")));
        each(cases, "no topics any more",
            (member, broker, version)
                -> beat(member, member.epoch).setSubscribedTopicNames(List.of()));
        each(cases, "a rack",
            (member, broker, version) -> beat(member, member.epoch).setRackId("rack"));
        each(cases, "a leave", (member, broker, version) -> leave(member.group));
        each(cases, "a leave of an unknown member",
            (member, broker, version) -> leave(member.group).setMemberId("nobody"));
        each(cases, "after a leave", (member, broker, version) -> {
            broker.ask(1, leave(member.group));
            return beat(member, member.epoch);
        });
    }

    private static void each(Cases cases, String situation, Request request) {
        cases.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "heartbeat: " + situation,
            (broker, version)
                -> answer(broker, version, request.about(member(broker), broker, version)));
    }

    private static void addDescriptions(Cases cases) {
        for (List<String> groups : List.of(List.of(""), List.of("no-group"), List.<String>of(),
                 List.of("no-group", "no-group"))) {
            cases.each(ApiKeys.SHARE_GROUP_DESCRIBE, groups.size() + " groups " + groups,
                (broker, version)
                    -> answer(broker, version,
                        new ShareGroupDescribeRequestData().setGroupIds(groups)));
        }
        for (boolean withOperations : List.of(false, true)) {
            describe(cases, ApiKeys.SHARE_GROUP_DESCRIBE,
                "a group of one member, operations " + withOperations,
                (member, broker, version)
                    -> new ShareGroupDescribeRequestData()
                           .setGroupIds(List.of(member.group))
                           .setIncludeAuthorizedOperations(withOperations));
        }
        describe(cases, ApiKeys.SHARE_GROUP_DESCRIBE, "an empty group",
            (member, broker, version) -> {
                broker.ask(1, leave(member.group));
                return new ShareGroupDescribeRequestData().setGroupIds(List.of(member.group));
            });
        describe(cases, ApiKeys.SHARE_GROUP_DESCRIBE, "a consumer group",
            (member, broker, version) -> {
                broker.topicId(TOPIC);
                String group = broker.unique("consumers");
                broker.ask(1, ConsumerGroupCases.join(group));
                return new ShareGroupDescribeRequestData().setGroupIds(List.of(group));
            });
        describe(cases, ApiKeys.CONSUMER_GROUP_DESCRIBE, "a share group",
            (member, broker, version)
                -> new ConsumerGroupDescribeRequestData().setGroupIds(List.of(member.group)));
        describe(cases, ApiKeys.DESCRIBE_GROUPS, "a share group",
            (member, broker, version)
                -> new DescribeGroupsRequestData().setGroups(List.of(member.group)));
    }

    private static void describe(
        Cases cases, ApiKeys api, String situation, Request request) {
        cases.each(api, situation,
            (broker, version)
                -> answer(broker, version, request.about(member(broker), broker, version)));
    }

    private static void addOtherProtocols(Cases cases) {
        describe(cases, ApiKeys.CONSUMER_GROUP_HEARTBEAT, "join: a share group",
            (member, broker, version) -> ConsumerGroupCases.join(member.group));
        describe(cases, ApiKeys.CONSUMER_GROUP_HEARTBEAT, "a member of a share group",
            (member, broker, version)
                -> ConsumerGroupCases.join(member.group).setMemberEpoch(member.epoch));
        for (String id : List.of("", MEMBER)) {
            cases.each(ApiKeys.JOIN_GROUP, 4, 9, "a share group, member '" + id + "'",
                (broker, version)
                    -> answer(broker, version,
                        ConsumerGroupCases.classicJoin(member(broker).group, id, "consumer")));
        }
        describe(cases, ApiKeys.HEARTBEAT, "a member of a share group",
            (member, broker, version)
                -> new HeartbeatRequestData()
                       .setGroupId(member.group)
                       .setMemberId(MEMBER)
                       .setGenerationId(member.epoch));
        for (int epoch : List.of(-1, 1)) {
            describe(cases, ApiKeys.OFFSET_COMMIT, "to a share group, epoch " + epoch,
                (member, broker, version) -> {
                    var topic = new OffsetCommitRequestTopic().setPartitions(
                        List.of(new OffsetCommitRequestPartition().setCommittedOffset(5)));
                    Uuid id = broker.topicId(TOPIC);
                    topic = version < 10 ? topic.setName(TOPIC) : topic.setTopicId(id);
                    return new OffsetCommitRequestData()
                        .setGroupId(member.group)
                        .setMemberId(epoch < 0 ? "" : MEMBER)
                        .setGenerationIdOrMemberEpoch(epoch)
                        .setTopics(List.of(topic));
                });
        }
        cases.each(ApiKeys.OFFSET_FETCH, 8, 10, "from a share group",
            (broker, version)
                -> answer(broker, version,
                    new OffsetFetchRequestData().setGroups(List.of(
                        new OffsetFetchRequestGroup().setGroupId(member(broker).group).setTopics(
                            null)))));
    }

    private static DescribeShareGroupOffsetsRequestData described(
        String group, DescribeShareGroupOffsetsRequestTopic... topics) {
        return new DescribeShareGroupOffsetsRequestData().setGroups(
            List.of(new DescribeShareGroupOffsetsRequestGroup().setGroupId(group).setTopics(
                topics.length == 0 ? null : List.of(topics))));
    }

    private static DescribeShareGroupOffsetsRequestTopic partitions(
        String topic, Integer... partitions) {
        return new DescribeShareGroupOffsetsRequestTopic()
            .setTopicName(topic)
            .setPartitions(List.of(partitions));
    }

    /** A group without members whose first partition begins at that offset. */
    static String group(Broker broker, long offset) throws Exception {
        broker.topicId(TOPIC);
        String group = broker.unique("shares");
        AlterShareGroupOffsetsResponseData altered =
            broker.ask(0, altered(group, TOPIC, 0, offset));
        if (altered.errorCode() != Errors.NONE.code()) {
            throw new AssertionError(altered);
        }
        return group;
    }

    private static AlterShareGroupOffsetsRequestData altered(
        String group, String topic, int partition, long offset) {
        return altered(group,
            new AlterShareGroupOffsetsRequestTopic().setTopicName(topic).setPartitions(
                List.of(at(partition, offset))));
    }

    private static AlterShareGroupOffsetsRequestPartition at(int partition, long offset) {
        return new AlterShareGroupOffsetsRequestPartition()
            .setPartitionIndex(partition)
            .setStartOffset(offset);
    }

    private static AlterShareGroupOffsetsRequestData altered(
        String group, AlterShareGroupOffsetsRequestTopic... topics) {
        var all = new AlterShareGroupOffsetsRequestTopicCollection();
        for (var topic : topics) {
            all.mustAdd(topic.duplicate());
        }
        return new AlterShareGroupOffsetsRequestData().setGroupId(group).setTopics(all);
    }

    private static void addOffsetDescriptions(Cases cases) {
        for (String group : List.of("", "no-group")) {
            offsets(cases, "all of group '" + group + "'", broker -> described(group));
            offsets(cases, "of group '" + group + "'",
                broker -> described(group, partitions(TOPIC, 0)));
        }
        offsets(cases, "all", broker -> described(group(broker, 5)));
        offsets(cases, "all of a group with a member", broker -> described(member(broker).group));
        offsets(cases, "all of a consumer group", broker -> {
            String group = broker.unique("consumers");
            broker.ask(1, ConsumerGroupCases.join(group));
            return described(group);
        });
        // About a partition that is not there Kafka does not answer.
        for (Integer partition : List.of(-1, 0, 1)) {
            offsets(cases, "partition " + partition,
                broker -> described(group(broker, 5), partitions(TOPIC, partition)));
        }
        for (String topic : List.of("", UNKNOWN)) {
            offsets(cases, "topic '" + topic + "'",
                broker -> described(group(broker, 5), partitions(topic, 0)));
        }
        offsets(cases, "no partition", broker -> described(group(broker, 5), partitions(TOPIC)));
        offsets(
            cases, "no group", broker -> new DescribeShareGroupOffsetsRequestData());
    }

    private interface OfBroker<Asked> {
        Asked of(Broker broker) throws Exception;
    }

    private static void offsets(Cases cases, String situation,
        OfBroker<DescribeShareGroupOffsetsRequestData> request) {
        cases.each(ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS, situation, (broker, version) -> {
            broker.topicId(TOPIC);
            return answer(broker, version, request.of(broker));
        });
    }

    private static void addOffsetChanges(Cases cases) {
        change(cases, "of an empty group id", broker -> altered("", TOPIC, 0, 5));
        change(cases, "of a new group", broker -> altered(broker.unique("shares"), TOPIC, 0, 5));
        change(cases, "of a group with offsets", broker -> altered(group(broker, 7), TOPIC, 0, 5));
        change(cases, "of a group with a member",
            broker -> altered(member(broker).group, TOPIC, 0, 5));
        change(cases, "of a consumer group", broker -> {
            String group = broker.unique("consumers");
            broker.ask(1, ConsumerGroupCases.join(group));
            return altered(group, TOPIC, 0, 5);
        });
        for (long offset : List.of(-2L, -1L, 0L, 1_000L, Long.MAX_VALUE)) {
            change(cases, "to " + offset, broker -> altered(group(broker, 7), TOPIC, 0, offset));
        }
        for (int partition : List.of(1, 9)) {
            change(cases, "of partition " + partition,
                broker -> altered(group(broker, 7), TOPIC, partition, 5));
        }
        for (String topic : List.of("", UNKNOWN)) {
            change(cases, "of topic '" + topic + "'",
                broker -> altered(group(broker, 7), topic, 0, 5));
        }
        change(cases, "of a partition twice",
            broker
            -> altered(group(broker, 7),
                new AlterShareGroupOffsetsRequestTopic().setTopicName(TOPIC).setPartitions(
                    List.of(at(0, 3), at(0, 4)))));
        change(cases, "of no topic", broker -> altered(group(broker, 7)));
        change(cases, "of no partition",
            broker
            -> altered(group(broker, 7),
                new AlterShareGroupOffsetsRequestTopic().setTopicName(TOPIC)));
        change(cases, "of a topic beside one that is not there",
            broker
            -> altered(group(broker, 7),
                new AlterShareGroupOffsetsRequestTopic().setTopicName(UNKNOWN).setPartitions(
                    List.of(at(0, 3))),
                new AlterShareGroupOffsetsRequestTopic().setTopicName(TOPIC).setPartitions(
                    List.of(at(0, 3), at(9, 3)))));
    }

    private static void change(
        Cases cases, String situation, OfBroker<AlterShareGroupOffsetsRequestData> request) {
        cases.each(ApiKeys.ALTER_SHARE_GROUP_OFFSETS, situation, (broker, version) -> {
            broker.topicId(TOPIC);
            var asked = request.of(broker);
            return answer(broker, version, asked).and("then", offsets(broker, asked.groupId()));
        });
    }

    private static void addOffsetDeletions(Cases cases) {
        deletion(cases, "of an empty group id", broker -> "", TOPIC);
        deletion(cases, "of an unknown group", broker -> "no-group", TOPIC);
        deletion(cases, "of a group with a member", broker -> member(broker).group, TOPIC);
        deletion(cases, "of a consumer group", broker -> {
            String group = broker.unique("consumers");
            broker.ask(1, ConsumerGroupCases.join(group));
            return group;
        }, TOPIC);
        deletion(cases, "of a group with offsets", broker -> group(broker, 7), TOPIC);
        deletion(cases, "of an unknown topic", broker -> group(broker, 7), UNKNOWN);
        deletion(cases, "of a topic without offsets", broker -> group(broker, 7), "batches");
        deletion(cases, "of a topic without name", broker -> group(broker, 7), "");
        deletion(cases, "of no topic", broker -> group(broker, 7));
        deletion(cases, "of a topic twice", broker -> group(broker, 7), TOPIC, TOPIC);
        deletion(cases, "of two topics", broker -> group(broker, 7), UNKNOWN, TOPIC);
        deletion(cases, "of what is deleted", broker -> {
            String group = group(broker, 7);
            broker.ask(0, deleted(group, TOPIC));
            return group;
        }, TOPIC);
    }

    private static void deletion(
        Cases cases, String situation, OfBroker<String> group, String... topics) {
        cases.each(ApiKeys.DELETE_SHARE_GROUP_OFFSETS, situation, (broker, version) -> {
            broker.topicId(TOPIC);
            broker.topicId("batches");
            String id = group.of(broker);
            return answer(broker, version, deleted(id, topics)).and("then", offsets(broker, id));
        });
    }

    private static DeleteShareGroupOffsetsRequestData deleted(String group, String... topics) {
        return new DeleteShareGroupOffsetsRequestData().setGroupId(group).setTopics(
            java.util.Arrays.stream(topics)
                .map(topic -> new DeleteShareGroupOffsetsRequestTopic().setTopicName(topic))
                .toList());
    }

    private static Facts offsets(Broker broker, String group) throws Exception {
        return answer(broker, (short) 1, described(group));
    }

    private static Facts answer(Broker broker, short version, ApiMessage request) throws Exception {
        return Facts.of(version, broker.ask(version, request));
    }
}
