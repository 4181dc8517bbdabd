import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.*;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.StreamsGroupDescribeRequestData;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.*;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** Streams groups (KIP-1071): heartbeats, and what other requests make of such a group. */
final class StreamsGroupCases {
    static final String TOPIC = "streamed";
    static final String MEMBER = "a-member";
    private static final String INSTANCE = "instance";
    static final int PARTITIONS = 4;
    private static final int FIRST_COMMIT_OF_MEMBERS = 3;

    /** A group's only member, which has all tasks. */
    record Member(String group, int epoch) {
    }

    private interface Request {
        ApiMessage about(Member member, Broker broker, short version) throws Exception;
    }

    private StreamsGroupCases() {
    }

    static void addTo(Cases cases) {
        addJoins(cases);
        addHeartbeats(cases);
        addStaticMembers(cases);
        addSecondMembers(cases);
        addDescriptions(cases);
        addOtherProtocols(cases);
        addOffsets(cases);
    }

    static Subtopology reading(String id, String... topics) {
        return new Subtopology().setSubtopologyId(id).setSourceTopics(List.of(topics));
    }

    static Topology topology(Subtopology... subtopologies) {
        return new Topology().setEpoch(0).setSubtopologies(List.of(subtopologies));
    }

    /** The first heartbeat of a member. */
    static StreamsGroupHeartbeatRequestData join(String group) {
        return new StreamsGroupHeartbeatRequestData()
            .setGroupId(group)
            .setMemberId(MEMBER)
            .setMemberEpoch(0)
            .setRebalanceTimeoutMs(10_000)
            .setProcessId("process")
            .setTopology(topology(reading("0", TOPIC)))
            .setActiveTasks(List.of())
            .setStandbyTasks(List.of())
            .setWarmupTasks(List.of());
    }

    static StreamsGroupHeartbeatRequestData leave(String group) {
        return beat(new Member(group, 0), -1);
    }

    static StreamsGroupHeartbeatRequestData beat(Member member, int epoch) {
        return new StreamsGroupHeartbeatRequestData()
            .setGroupId(member.group)
            .setMemberId(MEMBER)
            .setMemberEpoch(epoch);
    }

    /** A group whose tasks are assigned at once. */
    static String group(Broker broker) throws Exception {
        topicId(broker);
        return hastyGroup(broker);
    }

    private static String hastyGroup(Broker broker) throws Exception {
        String group = broker.unique("streams");
        set(broker, group,
            Map.of("streams.initial.rebalance.delay.ms", "0", "streams.assignment.interval.ms",
                "0", "streams.assignor.offload.enable", "false"));
        awaitSettings(broker);
        return group;
    }

    private static void set(Broker broker, String group, Map<String, String> values)
        throws Exception {
        var configs = new AlterableConfigCollection();
        values.forEach(
            (key, value) -> configs.add(new AlterableConfig().setName(key).setValue(value)));
        var resources = new AlterConfigsResourceCollection();
        resources.add(new AlterConfigsResource()
                .setResourceType(ConfigResource.Type.GROUP.id())
                .setResourceName(group)
                .setConfigs(configs));
        IncrementalAlterConfigsResponseData altered =
            broker.ask(1, new IncrementalAlterConfigsRequestData().setResources(resources));
        if (altered.responses().get(0).errorCode() != Errors.NONE.code()) {
            throw new AssertionError(altered);
        }
    }

    /** Kafka's coordinators hear of a group's settings later, and of all in their order. */
    private static void awaitSettings(Broker broker) throws Exception {
        int interval = 5_000 + broker.nextNumber() % 10_000;
        set(broker, "probe", Map.of("streams.heartbeat.interval.ms", String.valueOf(interval)));
        broker.<StreamsGroupHeartbeatResponseData>askUntil(
            answer -> answer.heartbeatIntervalMs() == interval, 0, join("probe"));
    }

    /** Kafka's coordinators hear of a topic later than the leaders of its partitions. */
    private static Uuid topicId(Broker broker) throws Exception {
        Uuid id = broker.topicId(TOPIC);
        if (broker.once(TOPIC)) {
            broker.<StreamsGroupHeartbeatResponseData>askUntil(answer
                -> answer.activeTasks() != null && !answer.activeTasks().isEmpty(),
                0, join(hastyGroup(broker)));
        }
        return id;
    }

    static Member member(Broker broker, Consumer<StreamsGroupHeartbeatRequestData> own)
        throws Exception {
        var request = join(group(broker));
        own.accept(request);
        StreamsGroupHeartbeatResponseData joined =
            broker.askUntil((StreamsGroupHeartbeatResponseData answer)
                                -> answer.errorCode() != Errors.NONE.code()
                    || (answer.activeTasks() != null && !answer.activeTasks().isEmpty()),
                0, request);
        if (joined.errorCode() != Errors.NONE.code() || joined.activeTasks().isEmpty()) {
            throw new AssertionError(joined);
        }
        return new Member(request.groupId(), joined.memberEpoch());
    }

    private static void addJoins(Cases cases) {
        join(cases, "the first member", request -> {});
        join(cases, "no member id", request -> request.setMemberId(""));
        join(cases, "a blank member id", request -> request.setMemberId(" "));
        join(cases, "a long member id", request -> request.setMemberId("x".repeat(37)));
        join(cases, "an empty group id", request -> request.setGroupId(""));
        join(cases, "a blank group id", request -> request.setGroupId(" "));
        join(cases, "an empty instance id", request -> request.setInstanceId(""));
        join(cases, "an instance id", request -> request.setInstanceId(INSTANCE));
        join(cases, "an empty rack", request -> request.setRackId(""));
        join(cases, "a rack", request -> request.setRackId("rack"));
        for (int timeout : List.of(-2, -1, 0)) {
            join(cases, "rebalance timeout " + timeout,
                request -> request.setRebalanceTimeoutMs(timeout));
        }
        join(cases, "no topology", request -> request.setTopology(null));
        join(cases, "no process", request -> request.setProcessId(null));
        join(cases, "an empty process", request -> request.setProcessId(""));
        join(cases, "an endpoint",
            request -> request.setUserEndpoint(new Endpoint().setHost("here").setPort(80)));
        join(cases, "tags",
            request -> request.setClientTags(List.of(new KeyValue().setKey("a").setValue("b"))));
        join(cases, "a tag twice",
            request
            -> request.setClientTags(List.of(new KeyValue().setKey("a").setValue("b"),
                new KeyValue().setKey("a").setValue("c"))));
        join(cases, "no tasks",
            request -> request.setActiveTasks(null).setStandbyTasks(null).setWarmupTasks(null));
        join(cases, "only active tasks",
            request -> request.setStandbyTasks(null).setWarmupTasks(null));
        join(cases, "active tasks", request -> request.setActiveTasks(List.of(tasks("0", 0))));
        join(cases, "standby tasks", request -> request.setStandbyTasks(List.of(tasks("0", 0))));
        join(cases, "warm-up tasks", request -> request.setWarmupTasks(List.of(tasks("0", 0))));
        join(cases, "offsets", request -> request.setTaskOffsets(List.of(offset("0", 0))));
        join(cases, "offsets of no task",
            request -> request.setTaskOffsets(List.of(offset("9", 99), offset("9", -1))));
        join(cases, "a shutdown", request -> request.setShutdownApplication(true));
        for (int epoch : List.of(-3, -2, -1, 1)) {
            join(cases, "epoch " + epoch, request -> request.setMemberEpoch(epoch));
            join(cases, "epoch " + epoch + " without topology",
                request -> request.setMemberEpoch(epoch).setTopology(null));
        }
        joinOther(cases, "a consumer group", ConsumerGroupCases::join);
        joinOther(cases, "a share group", ShareGroupCases::join);
    }

    private interface OfGroup {
        ApiMessage of(String group);
    }

    private static void joinOther(Cases cases, String situation, OfGroup request) {
        cases.each(ApiKeys.STREAMS_GROUP_HEARTBEAT, "join: " + situation, (broker, version) -> {
            topicId(broker);
            String group = broker.unique("others");
            broker.ask(1, request.of(group));
            return answer(broker, version, join(group));
        });
    }

    /** In a group that waits for more members, as it is by default. */
    private static void join(
        Cases cases, String situation, Consumer<StreamsGroupHeartbeatRequestData> change) {
        cases.each(ApiKeys.STREAMS_GROUP_HEARTBEAT, "join: " + situation, (broker, version) -> {
            topicId(broker);
            var request = join(broker.unique("streams"));
            change.accept(request);
            return answer(broker, version, request);
        });
    }

    private static TaskIds tasks(String subtopology, Integer... partitions) {
        return new TaskIds().setSubtopologyId(subtopology).setPartitions(List.of(partitions));
    }

    private static TaskOffset offset(String subtopology, int partition) {
        return new TaskOffset().setSubtopologyId(subtopology).setPartition(partition).setOffset(5);
    }

    static Facts described(Broker broker, String group) throws Exception {
        return answer(broker, (short) 0,
            new StreamsGroupDescribeRequestData().setGroupIds(List.of(group)));
    }

    private static void addHeartbeats(Cases cases) {
        for (int ahead : List.of(-2, -1, 0, 1)) {
            each(cases, "epoch " + ahead + " ahead",
                (member, broker, version) -> beat(member, member.epoch + ahead));
            each(cases, "all tasks, epoch " + ahead + " ahead",
                (member, broker, version)
                    -> owning(member, tasks("0", 0, 1, 2, 3))
                           .setMemberEpoch(member.epoch + ahead));
        }
        each(cases, "other tasks: some",
            (member, broker, version) -> owning(member, tasks("0", 1, 2)));
        each(cases, "other tasks: none", (member, broker, version) -> owning(member));
        each(cases, "other tasks: one twice",
            (member, broker, version) -> owning(member, tasks("0", 1, 1)));
        each(cases, "a partition that is not there",
            (member, broker, version) -> owning(member, tasks("0", PARTITIONS)));
        each(cases, "a negative partition",
            (member, broker, version) -> owning(member, tasks("0", -1)));
        each(cases, "a subtopology that is not there",
            (member, broker, version) -> owning(member, tasks("1", 0)));
        each(cases, "a subtopology that is not there, no partition",
            (member, broker, version) -> owning(member, tasks("1")));
        each(cases, "only active tasks",
            (member, broker, version)
                -> beat(member, member.epoch).setActiveTasks(List.of(tasks("0", 0))));
        each(cases, "other tasks: standby ones",
            (member, broker, version)
                -> owning(member).setStandbyTasks(List.of(tasks("0", 0))));
        each(cases, "a topology",
            (member, broker, version)
                -> beat(member, member.epoch).setTopology(topology(reading("0", TOPIC))));
        each(cases, "an expression",
            (member, broker, version)
                -> beat(member, member.epoch).setTopology(
                    topology(reading("0").setSourceTopicRegex(List.of("a")))));
        each(cases, "another process",
            (member, broker, version) -> beat(member, member.epoch).setProcessId("other"));
        each(cases, "another rack",
            (member, broker, version) -> beat(member, member.epoch).setRackId("other"));
        each(cases, "an endpoint",
            (member, broker, version)
                -> beat(member, member.epoch)
                       .setUserEndpoint(new Endpoint().setHost("here").setPort(80)));
        for (int epoch : List.of(-1, 0, 1, 9)) {
            each(cases, "endpoint epoch " + epoch,
                (member, broker, version)
                    -> beat(member, member.epoch).setEndpointInformationEpoch(epoch));
        }
        each(cases, "tags",
            (member, broker, version)
                -> beat(member, member.epoch)
                       .setClientTags(List.of(new KeyValue().setKey("a").setValue("b"))));
        each(cases, "offsets",
            (member, broker, version)
                -> beat(member, member.epoch)
                       .setTaskOffsets(List.of(offset("0", 0)))
                       .setTaskEndOffsets(List.of(offset("0", 0))));
        each(cases, "a shutdown",
            (member, broker, version)
                -> beat(member, member.epoch).setShutdownApplication(true));
        addDepartures(cases);
    }

    private static void addDepartures(Cases cases) {
        each(cases, "after a shutdown", (member, broker, version) -> {
            broker.ask(0, beat(member, member.epoch).setShutdownApplication(true));
            return beat(member, member.epoch);
        });
        each(cases, "a join again", (member, broker, version) -> join(member.group));
        each(cases, "a join again with another topology",
            (member, broker, version)
                -> join(member.group).setTopology(topology(reading("1", TOPIC))));
        for (int epoch : List.of(-1, 1)) {
            each(cases, "a join again with topology epoch " + epoch,
                (member, broker, version)
                    -> join(member.group).setTopology(
                        topology(reading("0", TOPIC)).setEpoch(epoch)));
        }
        each(cases, "an unknown member",
            (member, broker, version) -> beat(member, member.epoch).setMemberId("nobody"));
        each(cases, "an unknown group",
            (member, broker, version) -> beat(member, member.epoch).setGroupId("no-group"));
        each(cases, "a leave", (member, broker, version) -> leave(member.group));
        each(cases, "a leave and a shutdown",
            (member, broker, version) -> leave(member.group).setShutdownApplication(true));
        each(cases, "a leave of an unknown member",
            (member, broker, version) -> leave(member.group).setMemberId("nobody"));
        each(cases, "a leave for a time",
            (member, broker, version) -> leave(member.group).setMemberEpoch(-2));
        each(cases, "after a leave", (member, broker, version) -> {
            broker.ask(0, leave(member.group));
            return beat(member, member.epoch);
        });
        each(cases, "a join after a leave", (member, broker, version) -> {
            broker.ask(0, leave(member.group));
            return join(member.group);
        });
        each(cases, "a join with another topology after a leave", (member, broker, version) -> {
            broker.ask(0, leave(member.group));
            return join(member.group).setTopology(topology(reading("1", TOPIC)));
        });
    }

    private static StreamsGroupHeartbeatRequestData owning(Member member, TaskIds... active) {
        return beat(member, member.epoch)
            .setActiveTasks(List.of(active))
            .setStandbyTasks(List.of())
            .setWarmupTasks(List.of());
    }

    private static void each(Cases cases, String situation, Request request) {
        each(cases, situation, own -> {}, request);
    }

    private static void each(Cases cases, String situation,
        Consumer<StreamsGroupHeartbeatRequestData> own, Request request) {
        cases.each(ApiKeys.STREAMS_GROUP_HEARTBEAT, "heartbeat: " + situation,
            (broker, version) -> {
                Member member = member(broker, own);
                return answer(broker, version, request.about(member, broker, version))
                    .and("described", described(broker, member.group));
            });
    }

    private static void addStaticMembers(Cases cases) {
        withInstance(cases, "a beat", (member, broker, version) -> beat(member, member.epoch));
        withInstance(cases, "a beat without instance",
            (member, broker, version) -> beat(member, member.epoch).setInstanceId(null));
        withInstance(cases, "a beat of an unknown instance",
            (member, broker, version) -> beat(member, member.epoch).setInstanceId("nobody"));
        withInstance(cases, "a beat of another member",
            (member, broker, version)
                -> beat(member, member.epoch).setInstanceId(INSTANCE).setMemberId("another"));
        withInstance(cases, "a join of another member",
            (member, broker, version)
                -> join(member.group).setInstanceId(INSTANCE).setMemberId("another"));
        for (int epoch : List.of(-1, -2)) {
            withInstance(cases, "a leave, epoch " + epoch,
                (member, broker, version) -> beat(member, epoch).setInstanceId(INSTANCE));
            withInstance(cases, "a leave of another member, epoch " + epoch,
                (member, broker, version)
                    -> beat(member, epoch).setInstanceId(INSTANCE).setMemberId("another"));
            withInstance(cases, "a leave of an unknown instance, epoch " + epoch,
                (member, broker, version) -> beat(member, epoch).setInstanceId("nobody"));
            withInstance(cases, "a successor after a leave, epoch " + epoch,
                (member, broker, version) -> {
                    broker.ask(0, beat(member, epoch).setInstanceId(INSTANCE));
                    return join(member.group).setInstanceId(INSTANCE).setMemberId("another");
                });
            withInstance(cases, "a beat after a leave, epoch " + epoch,
                (member, broker, version) -> {
                    broker.ask(0, beat(member, epoch).setInstanceId(INSTANCE));
                    return beat(member, member.epoch).setInstanceId(INSTANCE);
                });
        }
    }

    private static void withInstance(Cases cases, String situation, Request request) {
        each(cases, "static: " + situation, own -> own.setInstanceId(INSTANCE), request);
    }

    /** The first member has all tasks when the second one comes. */
    private static void addSecondMembers(Cases cases) {
        cases.each(ApiKeys.STREAMS_GROUP_HEARTBEAT, "a second member", (broker, version) -> {
            Member first = member(broker, own -> {});
            var second = join(first.group).setMemberId("b-member").setProcessId("other");
            Facts facts = answer(broker, version, second);
            StreamsGroupHeartbeatResponseData revoking =
                broker.askUntil((StreamsGroupHeartbeatResponseData answer)
                                    -> answer.activeTasks() != null,
                    version, beat(first, first.epoch));
            facts.and("revoking", Facts.of(version, revoking));
            var kept = revoking.activeTasks().get(0);
            StreamsGroupHeartbeatResponseData revoked = broker.ask(version,
                owning(first,
                    new TaskIds()
                        .setSubtopologyId(kept.subtopologyId())
                        .setPartitions(kept.partitions())));
            facts.and("revoked", Facts.of(version, revoked));
            facts.and("gets",
                answer(broker, version,
                    beat(new Member(first.group, revoked.memberEpoch()), revoked.memberEpoch())
                        .setMemberId("b-member")));
            StreamsGroupDescribeResponseData described = broker.ask(version,
                new StreamsGroupDescribeRequestData().setGroupIds(List.of(first.group)));
            described.groups().get(0).members().sort(
                Comparator.comparing(member -> member.memberId()));
            return facts.and("described", Facts.of(version, described));
        });
    }

    private static void addDescriptions(Cases cases) {
        for (List<String> groups : List.of(List.of(""), List.of("no-group"), List.<String>of(),
                 List.of("no-group", "no-group"))) {
            cases.each(ApiKeys.STREAMS_GROUP_DESCRIBE, groups.size() + " groups " + groups,
                (broker, version)
                    -> answer(broker, version,
                        new StreamsGroupDescribeRequestData().setGroupIds(groups)));
        }
        for (boolean withOperations : List.of(false, true)) {
            describe(cases, ApiKeys.STREAMS_GROUP_DESCRIBE,
                "a group of one member, operations " + withOperations,
                (member, broker, version)
                    -> new StreamsGroupDescribeRequestData()
                           .setGroupIds(List.of(member.group))
                           .setIncludeAuthorizedOperations(withOperations)
                           .setIncludeTopologyDescription(withOperations && version > 0));
        }
        describe(cases, ApiKeys.STREAMS_GROUP_DESCRIBE, "an empty group",
            (member, broker, version) -> {
                broker.ask(0, leave(member.group));
                return new StreamsGroupDescribeRequestData().setGroupIds(List.of(member.group));
            });
        describe(cases, ApiKeys.STREAMS_GROUP_DESCRIBE, "a group that waits for members",
            (member, broker, version) -> {
                String group = broker.unique("streams");
                broker.ask(0, join(group));
                return new StreamsGroupDescribeRequestData().setGroupIds(List.of(group));
            });
        describe(cases, ApiKeys.STREAMS_GROUP_DESCRIBE, "a consumer group",
            (member, broker, version) -> {
                String group = broker.unique("consumers");
                broker.ask(1, ConsumerGroupCases.join(group));
                return new StreamsGroupDescribeRequestData().setGroupIds(List.of(group));
            });
        describe(cases, ApiKeys.CONSUMER_GROUP_DESCRIBE, "a streams group",
            (member, broker, version)
                -> new ConsumerGroupDescribeRequestData().setGroupIds(List.of(member.group)));
        describe(cases, ApiKeys.DESCRIBE_GROUPS, "a streams group",
            (member, broker, version)
                -> new DescribeGroupsRequestData().setGroups(List.of(member.group)));
    }

    private static void describe(
        Cases cases, ApiKeys api, String situation, Request request) {
        cases.each(api, situation,
            (broker, version)
                -> answer(
                    broker, version, request.about(member(broker, own -> {}), broker, version)));
    }

    private static void addOtherProtocols(Cases cases) {
        describe(cases, ApiKeys.CONSUMER_GROUP_HEARTBEAT, "join: a streams group",
            (member, broker, version) -> ConsumerGroupCases.join(member.group));
        describe(cases, ApiKeys.CONSUMER_GROUP_HEARTBEAT, "a member of a streams group",
            (member, broker, version)
                -> ConsumerGroupCases.join(member.group).setMemberEpoch(member.epoch));
        describe(cases, ApiKeys.SHARE_GROUP_HEARTBEAT, "join: a streams group",
            (member, broker, version) -> ShareGroupCases.join(member.group));
        for (String id : List.of("", MEMBER)) {
            cases.each(ApiKeys.JOIN_GROUP, 4, 9, "a streams group, member '" + id + "'",
                (broker, version)
                    -> answer(broker, version,
                        ConsumerGroupCases.classicJoin(
                            member(broker, own -> {}).group, id, "consumer")));
        }
        cases.each(ApiKeys.JOIN_GROUP, 4, 9, "a streams group that is empty",
            (broker, version) -> {
                String group = member(broker, own -> {}).group;
                broker.ask(0, leave(group));
                return answer(
                    broker, version, ConsumerGroupCases.classicJoin(group, "", "consumer"));
            });
        describe(cases, ApiKeys.HEARTBEAT, "a member of a streams group",
            (member, broker, version)
                -> new HeartbeatRequestData()
                       .setGroupId(member.group)
                       .setMemberId(MEMBER)
                       .setGenerationId(member.epoch));
    }

    private static void addOffsets(Cases cases) {
        for (int ahead : List.of(-1, 0, 1)) {
            for (String id : List.of("", MEMBER, "nobody")) {
                cases.each(ApiKeys.OFFSET_COMMIT, FIRST_COMMIT_OF_MEMBERS, Short.MAX_VALUE,
                    "to a streams group, epoch " + ahead + " ahead, member '" + id + "'",
                    (broker, version) -> {
                        Member member = member(broker, own -> {});
                        return answer(broker, version,
                            commit(broker, version, member.group)
                                .setMemberId(id)
                                .setGenerationIdOrMemberEpoch(member.epoch + ahead));
                    });
            }
        }
        for (int epoch : List.of(-1, 0)) {
            describe(cases, ApiKeys.OFFSET_COMMIT, "to a streams group by nobody, epoch " + epoch,
                (member, broker, version)
                    -> commit(broker, version, member.group).setGenerationIdOrMemberEpoch(epoch));
            describe(cases, ApiKeys.OFFSET_COMMIT,
                "to an empty streams group, epoch " + epoch, (member, broker, version) -> {
                    broker.ask(0, leave(member.group));
                    return commit(broker, version, member.group)
                        .setGenerationIdOrMemberEpoch(epoch);
                });
        }
        for (int ahead : List.of(-1, 0, 1)) {
            cases.each(ApiKeys.OFFSET_FETCH, 9, 10,
                "from a streams group, epoch " + ahead + " ahead",
                (broker, version) -> {
                    Member member = member(broker, own -> {});
                    return answer(broker, version,
                        new OffsetFetchRequestData().setGroups(
                            List.of(new OffsetFetchRequestGroup()
                                        .setGroupId(member.group)
                                        .setMemberId(MEMBER)
                                        .setMemberEpoch(member.epoch + ahead)
                                        .setTopics(null))));
                });
        }
    }

    private static OffsetCommitRequestData commit(Broker broker, short version, String group)
        throws Exception {
        var topic = new OffsetCommitRequestTopic().setPartitions(
            List.of(new OffsetCommitRequestPartition().setCommittedOffset(5)));
        Uuid id = topicId(broker);
        topic = version < 10 ? topic.setName(TOPIC) : topic.setTopicId(id);
        return new OffsetCommitRequestData().setGroupId(group).setTopics(List.of(topic));
    }

    static Facts answer(Broker broker, short version, ApiMessage request) throws Exception {
        return Facts.of(version, broker.ask(version, request));
    }
}
