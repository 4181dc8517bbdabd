import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** Members that are not, generations that were, and offsets of nobody. */
final class GroupCases {
    private static final String TOPIC = "offsets";
    private static final String INSTANCE = "instance";
    private static final int FIRST_STATIC_JOIN = 5;
    private static final int FIRST_STATIC = 3;
    private static final int FIRST_STATIC_COMMIT = 7;

    /** A group's only member, as it sees itself. */
    private record Member(String group, String id, int generation) {
    }

    /** Whom a request names, seen from the member that there is. */
    private enum Claim {
        ITSELF,
        NOBODY,
        UNNAMED,
        OLD_GENERATION,
        NEXT_GENERATION,
        NO_GENERATION,
        UNKNOWN_GROUP,
        UNKNOWN_GROUP_WITHOUT_GENERATION,
        EMPTY_GROUP_ID,
        OUTSIDER;

        Member of(Member real) {
            return switch (this) {
                case ITSELF -> real;
                case NOBODY -> new Member(real.group, "nobody", real.generation);
                case UNNAMED -> new Member(real.group, "", real.generation);
                case OLD_GENERATION -> new Member(real.group, real.id, real.generation - 1);
                case NEXT_GENERATION -> new Member(real.group, real.id, real.generation + 1);
                case NO_GENERATION -> new Member(real.group, real.id, -1);
                case UNKNOWN_GROUP -> new Member("no-group", real.id, real.generation);
                case UNKNOWN_GROUP_WITHOUT_GENERATION -> new Member("no-group-yet", "", -1);
                case EMPTY_GROUP_ID -> new Member("", real.id, real.generation);
                case OUTSIDER -> new Member(real.group, "", -1);
            };
        }
    }

    private interface Request {
        ApiMessage by(Member member, short version) throws Exception;
    }

    private GroupCases() {
    }

    static void addTo(Cases cases) {
        addCoordinators(cases);
        addJoins(cases);
        addMembers(cases);
        addStaticMembers(cases);
        addCommits(cases);
        addOffsetFetches(cases);
        addDescriptions(cases);
        addProducerIds(cases);
    }

    private static void addCoordinators(Cases cases) {
        for (int type : List.of(-1, 0, 1, 3)) {
            for (String key : List.of("", "key")) {
                String situation = "type " + type + ", key '" + key + "'";
                cases.each(ApiKeys.FIND_COORDINATOR, type == 0 ? 0 : 1, 3, situation,
                    (broker, version)
                        -> answer(broker, version,
                            new FindCoordinatorRequestData().setKeyType((byte) type).setKey(key)));
                cases.each(ApiKeys.FIND_COORDINATOR, 4, 6, situation,
                    (broker, version)
                        -> answer(broker, version,
                            new FindCoordinatorRequestData()
                                .setKeyType((byte) type)
                                .setCoordinatorKeys(List.of(key))));
            }
        }
        cases.each(ApiKeys.FIND_COORDINATOR, 4, 6, "no keys",
            (broker, version)
                -> answer(broker, version,
                    new FindCoordinatorRequestData().setCoordinatorKeys(List.of())));
    }

    private static void addJoins(Cases cases) {
        join(cases, "the first of a group", join(""));
        join(cases, "an unknown member", join("nobody"));
        join(
            cases, "no protocols", join("").setProtocols(new JoinGroupRequestProtocolCollection()));
        join(cases, "no protocol type", join("").setProtocolType(""));
        for (int timeout : List.of(-1, 0, 5_999, 6_000, 1_800_000, 1_800_001)) {
            join(cases, "session timeout " + timeout, join("").setSessionTimeoutMs(timeout));
        }
        cases.each(ApiKeys.JOIN_GROUP, "an empty group id",
            (broker, version) -> answer(broker, version, join("").setGroupId("")));
        cases.each(ApiKeys.JOIN_GROUP, 5, 9, "a static member",
            (broker, version)
                -> answer(broker, version,
                    join("").setGroupId(broker.unique("group")).setGroupInstanceId(INSTANCE)));
        cases.each(ApiKeys.JOIN_GROUP, 5, 9, "an unknown static member",
            (broker, version)
                -> answer(broker, version,
                    join("nobody")
                        .setGroupId(broker.unique("group"))
                        .setGroupInstanceId(INSTANCE)));
        cases.each(ApiKeys.JOIN_GROUP, "again", (broker, version) -> {
            Member member = member(broker, null);
            return answer(broker, version, join(member.id).setGroupId(member.group));
        });
        cases.each(ApiKeys.JOIN_GROUP, "another protocol type",
            (broker, version)
                -> answer(broker, version,
                    join("").setGroupId(member(broker, null).group).setProtocolType("connect")));
        cases.each(ApiKeys.JOIN_GROUP, "another protocol",
            (broker, version)
                -> answer(broker, version,
                    join("")
                        .setGroupId(member(broker, null).group)
                        .setProtocols(protocols("other"))));
        cases.each(ApiKeys.JOIN_GROUP, "nobody of a group",
            (broker, version)
                -> answer(broker, version, join("nobody").setGroupId(member(broker, null).group)));
        cases.each(ApiKeys.JOIN_GROUP, 5, 9, "a zombie of a static member",
            (broker, version)
                -> answer(broker, version,
                    join("nobody")
                        .setGroupId(member(broker, INSTANCE).group)
                        .setGroupInstanceId(INSTANCE)));
    }

    private static void join(Cases cases, String situation, JoinGroupRequestData request) {
        cases.each(ApiKeys.JOIN_GROUP, situation,
            (broker, version)
                -> answer(broker, version, request.duplicate().setGroupId(broker.unique("group"))));
    }

    private static JoinGroupRequestData join(String memberId) {
        return new JoinGroupRequestData()
            .setMemberId(memberId)
            .setSessionTimeoutMs(30_000)
            .setRebalanceTimeoutMs(30_000)
            .setProtocolType("consumer")
            .setProtocols(protocols("range"));
    }

    private static JoinGroupRequestProtocolCollection protocols(String name) {
        var protocols = new JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestProtocol().setName(name).setMetadata(new byte[0]));
        return protocols;
    }

    /** A new group with one member, whose generation is 2. */
    private static Member member(Broker broker, String instance) throws Exception {
        String group = broker.unique("group");
        JoinGroupResponseData joined = broker.ask(instance == null ? 3 : FIRST_STATIC_JOIN,
            join("").setGroupId(group).setGroupInstanceId(instance));
        for (int round = 0; round < 2; round++) {
            broker.ask(FIRST_STATIC,
                new SyncGroupRequestData()
                    .setGroupId(group)
                    .setMemberId(joined.memberId())
                    .setGenerationId(joined.generationId())
                    .setAssignments(List.of(new SyncGroupRequestAssignment()
                            .setMemberId(joined.memberId())
                            .setAssignment(new byte[] {1, 2}))));
            if (round == 0) {
                joined = broker.ask(FIRST_STATIC_JOIN,
                    join(joined.memberId()).setGroupId(group).setGroupInstanceId(instance));
            }
        }
        return new Member(group, joined.memberId(), joined.generationId());
    }

    private static void addMembers(Cases cases) {
        claims(cases, ApiKeys.HEARTBEAT, (member, version) -> heartbeat(member));
        claims(cases, ApiKeys.SYNC_GROUP, (member, version) -> sync(member));
        cases.each(ApiKeys.SYNC_GROUP, 5, 5, "another protocol type",
            (broker, version)
                -> answer(broker, version,
                    sync(member(broker, null))
                        .setProtocolType("connect")
                        .setProtocolName("range")));
        cases.each(ApiKeys.SYNC_GROUP, 5, 5, "another protocol",
            (broker, version)
                -> answer(broker, version,
                    sync(member(broker, null))
                        .setProtocolType("consumer")
                        .setProtocolName("other")));
        claims(cases, ApiKeys.LEAVE_GROUP,
            (member, version)
                -> version < FIRST_STATIC
                ? new LeaveGroupRequestData().setGroupId(member.group).setMemberId(member.id)
                : leave(member, new MemberIdentity().setMemberId(member.id)));
        cases.each(ApiKeys.LEAVE_GROUP, 3, 5, "nobody and a member", (broker, version) -> {
            Member member = member(broker, null);
            return answer(broker, version,
                leave(member, new MemberIdentity().setMemberId("nobody"),
                    new MemberIdentity().setMemberId(member.id)));
        });
        cases.each(ApiKeys.LEAVE_GROUP, 3, 5, "no members",
            (broker, version) -> answer(broker, version, leave(member(broker, null))));
    }

    private static void addStaticMembers(Cases cases) {
        for (String instance : List.of(INSTANCE, "another")) {
            for (Claim claim : List.of(Claim.ITSELF, Claim.NOBODY, Claim.UNNAMED)) {
                String situation = claim + ", as instance '" + instance + "'";
                cases.each(ApiKeys.HEARTBEAT, FIRST_STATIC, 4, situation,
                    (broker, version)
                        -> answer(broker, version,
                            heartbeat(claim.of(member(broker, INSTANCE)))
                                .setGroupInstanceId(instance)));
                cases.each(ApiKeys.SYNC_GROUP, FIRST_STATIC, 5, situation,
                    (broker, version)
                        -> answer(broker, version,
                            sync(claim.of(member(broker, INSTANCE))).setGroupInstanceId(instance)));
                cases.each(ApiKeys.LEAVE_GROUP, FIRST_STATIC, 5, situation, (broker, version) -> {
                    Member member = claim.of(member(broker, INSTANCE));
                    return answer(broker, version,
                        leave(member,
                            new MemberIdentity().setMemberId(member.id).setGroupInstanceId(
                                instance)));
                });
                cases.each(ApiKeys.OFFSET_COMMIT, FIRST_STATIC_COMMIT, 10, situation,
                    (broker, version)
                        -> answer(broker, version,
                            commit(broker, version, claim.of(member(broker, INSTANCE)), 0)
                                .setGroupInstanceId(instance)));
                cases.each(ApiKeys.TXN_OFFSET_COMMIT, FIRST_STATIC, 6, situation,
                    (broker, version)
                        -> transactional(
                            broker, version, claim.of(member(broker, INSTANCE)), instance));
            }
        }
    }

    private static void claims(Cases cases, ApiKeys api, Request request) {
        for (Claim claim : Claim.values()) {
            cases.each(api, claim.name(),
                (broker, version)
                    -> answer(
                        broker, version, request.by(claim.of(member(broker, null)), version)));
        }
    }

    private static HeartbeatRequestData heartbeat(Member member) {
        return new HeartbeatRequestData()
            .setGroupId(member.group)
            .setMemberId(member.id)
            .setGenerationId(member.generation);
    }

    private static SyncGroupRequestData sync(Member member) {
        return new SyncGroupRequestData()
            .setGroupId(member.group)
            .setMemberId(member.id)
            .setGenerationId(member.generation)
            .setProtocolType("consumer")
            .setProtocolName("range");
    }

    private static LeaveGroupRequestData leave(Member member, MemberIdentity... members) {
        return new LeaveGroupRequestData()
            .setGroupId(member.group)
            .setMembers(Arrays.asList(members));
    }

    private static void addCommits(Cases cases) {
        for (Claim claim : Claim.values()) {
            cases.each(ApiKeys.OFFSET_COMMIT, claim.name(),
                (broker, version)
                    -> answer(broker, version,
                        commit(broker, version, claim.of(member(broker, null)), 0)));
            cases.each(ApiKeys.TXN_OFFSET_COMMIT, 3, 6, claim.name(),
                (broker, version)
                    -> transactional(broker, version, claim.of(member(broker, null)), null));
        }
        for (int partition : List.of(-1, 4)) {
            cases.each(ApiKeys.OFFSET_COMMIT, "partition " + partition + " of 4",
                (broker, version)
                    -> answer(
                        broker, version, commit(broker, version, outsider(broker), partition)));
        }
        for (int size : List.of(4_096, 4_097)) {
            cases.each(
                ApiKeys.OFFSET_COMMIT, "metadata of " + size + " bytes", (broker, version) -> {
                    var request = commit(broker, version, outsider(broker), 0);
                    request.topics().get(0).partitions().get(0).setCommittedMetadata(
                        "m".repeat(size));
                    return answer(broker, version, request);
                });
        }
        cases.each(ApiKeys.OFFSET_COMMIT, "offset -1", (broker, version) -> {
            var request = commit(broker, version, outsider(broker), 0);
            request.topics().get(0).partitions().get(0).setCommittedOffset(-1);
            return answer(broker, version, request);
        });
        cases.each(ApiKeys.OFFSET_COMMIT, "no topics",
            (broker, version)
                -> answer(broker, version,
                    commit(broker, version, outsider(broker), 0).setTopics(List.of())));
        cases.each(ApiKeys.OFFSET_COMMIT, "no partitions", (broker, version) -> {
            var request = commit(broker, version, outsider(broker), 0);
            request.topics().get(0).setPartitions(List.of());
            return answer(broker, version, request);
        });
        cases.each(ApiKeys.OFFSET_COMMIT, "an unknown topic", (broker, version) -> {
            var request = commit(broker, version, outsider(broker), 0);
            request.topics().get(0).setName("nowhere").setTopicId(
                new org.apache.kafka.common.Uuid(1, 2));
            return answer(broker, version, request);
        });
    }

    private static Member outsider(Broker broker) {
        return new Member(broker.unique("group"), "", -1);
    }

    private static OffsetCommitRequestData commit(
        Broker broker, short version, Member member, int partition) throws Exception {
        var id = broker.topicId(TOPIC);
        return new OffsetCommitRequestData()
            .setGroupId(member.group)
            .setMemberId(member.id)
            .setGenerationIdOrMemberEpoch(member.generation)
            .setTopics(List.of(new OffsetCommitRequestTopic()
                    .setName(version < 10 ? TOPIC : "")
                    .setTopicId(id)
                    .setPartitions(List.of(new OffsetCommitRequestPartition()
                            .setPartitionIndex(partition)
                            .setCommittedOffset(7)
                            .setCommittedMetadata("")))));
    }

    /** Offsets of a transaction that has its group already. */
    private static Facts transactional(Broker broker, short version, Member member, String instance)
        throws Exception {
        Transaction transaction = new Transaction(broker, broker.unique("transaction"));
        transaction.start();
        transaction.addOffsets(3, transaction.producer, member.group);
        return answer(broker, version,
            transaction.commitRequest(transaction.producer, member.group)
                .setMemberId(member.id)
                .setGenerationIdOrMemberEpoch(member.generation)
                .setGroupInstanceId(instance));
    }

    private static void addOffsetFetches(Cases cases) {
        for (String group : List.of("", "no-group")) {
            cases.each(ApiKeys.OFFSET_FETCH, 1, 7, "group '" + group + "'",
                (broker, version)
                    -> answer(broker, version,
                        new OffsetFetchRequestData().setGroupId(group).setTopics(List.of(
                            new OffsetFetchRequestTopic().setName("nowhere").setPartitionIndexes(
                                List.of(0, 9))))));
            cases.each(ApiKeys.OFFSET_FETCH, 2, 7, "all of group '" + group + "'",
                (broker, version)
                    -> answer(broker, version,
                        new OffsetFetchRequestData().setGroupId(group).setTopics(null)));
            cases.each(ApiKeys.OFFSET_FETCH, 8, 10, "all of group '" + group + "'",
                (broker, version)
                    -> answer(broker, version,
                        new OffsetFetchRequestData().setGroups(List.of(
                            new OffsetFetchRequestGroup().setGroupId(group).setTopics(null)))));
            cases.each(ApiKeys.OFFSET_FETCH, 8, 10, "group '" + group + "'",
                (broker, version) -> answer(broker, version, fetch(version, group, null, -1)));
        }
        record Asker(String memberId, int epoch) {
        }
        for (var asker : List.of(new Asker("nobody", -1), new Asker("nobody", 5), new Asker("", 5),
                 new Asker(null, 5))) {
            cases.each(ApiKeys.OFFSET_FETCH, 9, 10, "of no group, " + asker,
                (broker, version)
                    -> answer(
                        broker, version, fetch(version, "no-group", asker.memberId, asker.epoch)));
            cases.each(ApiKeys.OFFSET_FETCH, 9, 10, "of a group, " + asker,
                (broker, version)
                    -> answer(broker, version,
                        fetch(version, member(broker, null).group, asker.memberId, asker.epoch)));
        }
        cases.each(ApiKeys.OFFSET_FETCH, 8, 10, "no groups",
            (broker, version)
                -> answer(broker, version, new OffsetFetchRequestData().setGroups(List.of())));
        cases.each(ApiKeys.OFFSET_FETCH, 8, 10, "committed offsets", (broker, version) -> {
            Member outsider = outsider(broker);
            broker.ask(9, commit(broker, (short) 9, outsider, 0));
            return answer(broker, version,
                new OffsetFetchRequestData().setGroups(List.of(
                    new OffsetFetchRequestGroup().setGroupId(outsider.group).setTopics(null))));
        });
    }

    private static OffsetFetchRequestData fetch(
        short version, String group, String memberId, int epoch) {
        return new OffsetFetchRequestData().setGroups(List.of(new OffsetFetchRequestGroup()
                .setGroupId(group)
                .setMemberId(memberId)
                .setMemberEpoch(epoch)
                .setTopics(List.of(new OffsetFetchRequestTopics()
                        .setName(version < 10 ? "nowhere" : "")
                        .setTopicId(new org.apache.kafka.common.Uuid(1, 2))
                        .setPartitionIndexes(List.of(0, 9))))));
    }

    private static void addDescriptions(Cases cases) {
        for (String group : List.of("", "no-group")) {
            cases.each(ApiKeys.DESCRIBE_GROUPS, "group '" + group + "'",
                (broker, version)
                    -> answer(broker, version,
                        new DescribeGroupsRequestData().setGroups(List.of(group))));
        }
    }

    private static void addProducerIds(Cases cases) {
        record Asker(String id, int timeoutMs, long producerId, int epoch) {
        }
        for (var asker : List.of(new Asker("", 1_000, -1, -1), new Asker(null, 1_000, -1, -1),
                 new Asker(null, 0, -1, -1), new Asker("t", 0, -1, -1), new Asker("t", -1, -1, -1),
                 new Asker("t", 900_000, -1, -1), new Asker("t", 900_001, -1, -1),
                 new Asker("t", 1_000, 5, -1), new Asker("t", 1_000, -1, 5),
                 new Asker(null, 1_000, 5, 5))) {
            cases.each(ApiKeys.INIT_PRODUCER_ID, asker.producerId < 0 && asker.epoch < 0 ? 0 : 3, 5,
                asker.toString(),
                (broker, version)
                    -> answer(broker, version,
                        new InitProducerIdRequestData()
                            .setTransactionalId(
                                "t".equals(asker.id) ? broker.unique("t") : asker.id)
                            .setTransactionTimeoutMs(asker.timeoutMs)
                            .setProducerId(asker.producerId)
                            .setProducerEpoch((short) asker.epoch)));
        }
    }

    private static Facts answer(Broker broker, short version, ApiMessage request) throws Exception {
        return Facts.of(version, broker.ask(version, request));
    }
}
