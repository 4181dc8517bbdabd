import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData.*;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData.AcknowledgePartition;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData.AcknowledgePartitionCollection;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData.AcknowledgeTopic;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData.AcknowledgeTopicCollection;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.message.ShareFetchRequestData.FetchPartition;
import org.apache.kafka.common.message.ShareFetchRequestData.FetchPartitionCollection;
import org.apache.kafka.common.message.ShareFetchRequestData.FetchTopic;
import org.apache.kafka.common.message.ShareFetchRequestData.FetchTopicCollection;
import org.apache.kafka.common.message.ShareFetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Share sessions, what they fetch, and what is acknowledged in them (KIP-932, KIP-1222). */
final class ShareFetchCases {
    private static final int RECORDS = 10;
    private static final int NEWEST = 2;
    /** Kafka reads the state of a share-partition while the first fetch waits for it. */
    private static final int FIRST_WAIT_MS = 1_000;
    private static final int FINAL_EPOCH = -1;
    private static final byte ACCEPT = 1;
    private static final byte RELEASE = 2;
    private static final byte RENEW = 4;

    private interface Change<Asked> {
        void make(Asked request, Broker broker) throws Exception;
    }

    /** Offsets that are acknowledged, and how. */
    private record Range(long first, long last, List<Byte> types) {
        Range(long first, long last, int... types) {
            this(first, last, IntStream.of(types).mapToObj(type -> (byte) type).toList());
        }

        @Override
        public String toString() {
            return first + "-" + last + " " + types;
        }
    }

    private ShareFetchCases() {
    }

    static void addTo(Cases cases) {
        addFirstFetches(cases);
        addFetches(cases);
        addFetchesThatAcknowledge(cases);
        addSessions(cases);
        addAcknowledgements(cases);
    }

    /** Ten records in one batch at the start of the topic's first partition. */
    private static Uuid topicId(Broker broker) throws Exception {
        Uuid id = broker.topicId(ShareGroupCases.TOPIC);
        if (broker.once("shared records")) {
            var records = MemoryRecords.withRecords(Compression.NONE,
                IntStream.range(0, RECORDS)
                    .mapToObj(i -> new SimpleRecord(("value " + i).getBytes()))
                    .toArray(SimpleRecord[] ::new));
            ProduceResponseData answer = broker.ask(
                12, BatchCases.request(broker, 12, ShareGroupCases.TOPIC, 0, records));
            if (BatchCases.errorOf(answer) != Errors.NONE.code()) {
                throw new AssertionError(answer);
            }
        }
        return id;
    }

    private static String group(Broker broker) throws Exception {
        topicId(broker);
        return ShareGroupCases.group(broker, 0);
    }

    private static FetchTopicCollection topics(Uuid topic, int partition) {
        return topics(topic, new FetchPartition().setPartitionIndex(partition));
    }

    private static FetchTopicCollection topics(Uuid topic, FetchPartition... partitions) {
        var all = new FetchPartitionCollection();
        for (var partition : partitions) {
            all.mustAdd(partition.duplicate());
        }
        var topics = new FetchTopicCollection();
        topics.mustAdd(new FetchTopic().setTopicId(topic).setPartitions(all));
        return topics;
    }

    private static ShareFetchRequestData fetch(String group, String member, int epoch) {
        return new ShareFetchRequestData()
            .setGroupId(group)
            .setMemberId(member)
            .setShareSessionEpoch(epoch)
            .setMaxWaitMs(0)
            .setMinBytes(0)
            .setMaxBytes(1 << 20)
            .setMaxRecords(500)
            .setBatchSize(500);
    }

    /** One that begins a session. */
    private static ShareFetchRequestData first(Broker broker, String group, String member)
        throws Exception {
        return fetch(group, member, 0)
            .setMaxWaitMs(FIRST_WAIT_MS)
            .setMinBytes(1)
            .setTopics(topics(topicId(broker), 0));
    }

    private static void addFirstFetches(Cases cases) {
        first(cases, "of ten records", (request, broker) -> {});
        first(cases, "without group", (request, broker) -> request.setGroupId(null));
        first(cases, "an empty group id", (request, broker) -> request.setGroupId(""));
        first(cases, "without member", (request, broker) -> request.setMemberId(null));
        first(cases, "an empty member id", (request, broker) -> request.setMemberId(""));
        first(cases, "a long member id",
            (request, broker) -> request.setMemberId("x".repeat(37)));
        for (int epoch : List.of(-2, FINAL_EPOCH, 1, Integer.MAX_VALUE)) {
            first(cases, "epoch " + epoch,
                (request, broker) -> request.setShareSessionEpoch(epoch));
        }
        first(cases, "no topic",
            (request, broker) -> request.setTopics(new FetchTopicCollection()));
        first(cases, "an unknown topic",
            (request, broker) -> request.setTopics(topics(new Uuid(1, 2), 0)));
        first(cases, "a topic without id",
            (request, broker) -> request.setTopics(topics(Uuid.ZERO_UUID, 0)));
        for (int partition : List.of(-1, 1, 9)) {
            first(cases, "partition " + partition,
                (request, broker) -> request.setTopics(topics(topicId(broker), partition)));
        }
        first(cases, "an unknown partition beside another",
            (request, broker)
                -> request.setTopics(topics(topicId(broker),
                    new FetchPartition().setPartitionIndex(9),
                    new FetchPartition().setPartitionIndex(0))));
        for (int limit : List.of(-1, 0, 1, 5)) {
            first(cases, "at most " + limit + " records",
                (request, broker) -> request.setMaxRecords(limit));
            first(cases, "at most " + limit + " bytes",
                (request, broker) -> request.setMaxBytes(limit));
            first(cases, "batches of " + limit,
                (request, broker) -> request.setBatchSize(limit));
        }
        for (int mode : List.of(-1, 1, 2)) {
            first(cases, NEWEST, "acquire mode " + mode,
                (request, broker) -> request.setShareAcquireMode((byte) mode).setMaxRecords(4));
        }
        first(cases, NEWEST, "that renews", (request, broker) -> request.setIsRenewAck(true));
        first(cases, NEWEST, "that renews, and asks for nothing",
            (request, broker)
                -> request.setIsRenewAck(true)
                       .setMaxWaitMs(0)
                       .setMinBytes(0)
                       .setMaxBytes(0)
                       .setMaxRecords(0));
        first(cases, "that acknowledges",
            (request, broker)
                -> request.setTopics(acknowledging(topicId(broker), new Range(0, 1, ACCEPT))));
        first(cases, "that forgets",
            (request, broker)
                -> request.setForgottenTopicsData(List.of(new ForgottenTopic()
                        .setTopicId(topicId(broker))
                        .setPartitions(List.of(0)))));
        cases.each(ApiKeys.SHARE_FETCH, "first: of a group that begins nowhere",
            (broker, version) -> {
                topicId(broker);
                return answer(
                    broker, version, first(broker, broker.unique("shares"), "a-member"));
            });
    }

    private static void first(
        Cases cases, String situation, Change<ShareFetchRequestData> change) {
        first(cases, 0, situation, change);
    }

    private static void first(
        Cases cases, int since, String situation, Change<ShareFetchRequestData> change) {
        cases.each(ApiKeys.SHARE_FETCH, since, Short.MAX_VALUE, "first: " + situation,
            (broker, version) -> {
                String group = group(broker);
                var request = first(broker, group, broker.unique("member"));
                change.make(request, broker);
                ShareFetchResponseData answer = broker.ask(version, request);
                // Kafka begins with those that it cannot read.
                answer.responses().forEach(topic
                    -> topic.partitions().sort(
                        Comparator.comparingInt(PartitionData::partitionIndex)));
                return Facts.of(version, answer);
            });
    }

    private static FetchTopicCollection acknowledging(Uuid topic, Range... ranges) {
        var batches = java.util.Arrays.stream(ranges)
                          .map(range
                              -> new ShareFetchRequestData.AcknowledgementBatch()
                                     .setFirstOffset(range.first)
                                     .setLastOffset(range.last)
                                     .setAcknowledgeTypes(range.types))
                          .toList();
        return topics(topic, new FetchPartition().setAcknowledgementBatches(batches));
    }

    private static ShareAcknowledgeRequestData acknowledge(
        ShareFetchRequestData session, Uuid topic, int partition, Range... ranges) {
        var batches = java.util.Arrays.stream(ranges)
                          .map(range
                              -> new ShareAcknowledgeRequestData.AcknowledgementBatch()
                                     .setFirstOffset(range.first)
                                     .setLastOffset(range.last)
                                     .setAcknowledgeTypes(range.types))
                          .toList();
        var partitions = new AcknowledgePartitionCollection();
        partitions.mustAdd(new AcknowledgePartition()
                .setPartitionIndex(partition)
                .setAcknowledgementBatches(batches));
        var topics = new AcknowledgeTopicCollection();
        topics.mustAdd(new AcknowledgeTopic().setTopicId(topic).setPartitions(partitions));
        return new ShareAcknowledgeRequestData()
            .setGroupId(session.groupId())
            .setMemberId(session.memberId())
            .setShareSessionEpoch(session.shareSessionEpoch())
            .setTopics(topics);
    }

    /** Begins a session, in which ten records are acquired: what comes next in it. */
    private static ShareFetchRequestData session(Broker broker) throws Exception {
        String group = group(broker);
        String member = broker.unique("member");
        ShareFetchResponseData answer =
            broker.ask(NEWEST, first(broker, group, member).setMaxWaitMs(10 * FIRST_WAIT_MS));
        var acquired =
            answer.responses().iterator().next().partitions().get(0).acquiredRecords();
        if (acquired.size() != 1 || acquired.get(0).lastOffset() != RECORDS - 1) {
            throw new AssertionError(answer);
        }
        return fetch(group, member, 1);
    }

    private static void addFetches(Cases cases) {
        next(cases, "again", (request, broker) -> {});
        for (int epoch : List.of(FINAL_EPOCH, 0, 2, 5)) {
            next(cases, "epoch " + epoch,
                (request, broker) -> request.setShareSessionEpoch(epoch));
        }
        next(cases, "of another member", (request, broker) -> request.setMemberId("another"));
        next(cases, "of another group", (request, broker) -> request.setGroupId("another"));
        next(cases, "with a partition more",
            (request, broker) -> request.setTopics(topics(topicId(broker), 9)));
        next(cases, "of an unknown topic",
            (request, broker) -> request.setTopics(topics(new Uuid(1, 2), 0)));
        next(cases, "that forgets",
            (request, broker)
                -> request.setForgottenTopicsData(List.of(new ForgottenTopic()
                        .setTopicId(topicId(broker))
                        .setPartitions(List.of(0)))));
        next(cases, "that forgets what was never told",
            (request, broker)
                -> request.setForgottenTopicsData(List.of(
                    new ForgottenTopic().setTopicId(new Uuid(1, 2)).setPartitions(List.of(3)))));
    }

    private static void addFetchesThatAcknowledge(Cases cases) {
        for (Range range : List.of(new Range(0, 9, ACCEPT), new Range(0, 4, RELEASE),
                 new Range(0, 99, ACCEPT), new Range(5, 4, ACCEPT), new Range(0, 9, RENEW),
                 new Range(0, 1, ACCEPT, ACCEPT, ACCEPT))) {
            // What comes back by it may be fetched at once, or not.
            next(cases, "that acknowledges " + range,
                (request, broker)
                    -> request.setMaxRecords(0).setTopics(
                        acknowledging(topicId(broker), range)));
            next(cases, "that ends and acknowledges " + range,
                (request, broker)
                    -> request.setShareSessionEpoch(FINAL_EPOCH)
                           .setTopics(acknowledging(topicId(broker), range)));
        }
        cases.each(ApiKeys.SHARE_FETCH, NEWEST, NEWEST, "next: that renews",
            (broker, version) -> {
                var request = session(broker).setIsRenewAck(true).setMaxBytes(0).setMaxRecords(0);
                request.setTopics(acknowledging(topicId(broker), new Range(0, 9, RENEW)));
                return answer(broker, version, request);
            });
        cases.each(ApiKeys.SHARE_FETCH, NEWEST, NEWEST, "next: that renews, and asks for more",
            (broker, version) -> {
                var request = session(broker).setIsRenewAck(true);
                request.setTopics(acknowledging(topicId(broker), new Range(0, 9, RENEW)));
                return answer(broker, version, request);
            });
    }

    private static void next(Cases cases, String situation, Change<ShareFetchRequestData> change) {
        cases.each(ApiKeys.SHARE_FETCH, "next: " + situation, (broker, version) -> {
            var request = session(broker);
            String group = request.groupId();
            change.make(request, broker);
            return answer(broker, version, request).and("then", offsets(broker, group));
        });
    }

    /** What comes back when a session ends, and what another one gets then. */
    private static void addSessions(Cases cases) {
        cases.each(ApiKeys.SHARE_FETCH, "another member while all is acquired",
            (broker, version)
                -> answer(broker, version, first(broker, session(broker).groupId(), "another")));
        cases.each(ApiKeys.SHARE_FETCH, "another member after the session", (broker, version) -> {
            var request = session(broker);
            broker.ask(NEWEST, request.duplicate().setShareSessionEpoch(FINAL_EPOCH));
            return answer(broker, version, first(broker, request.groupId(), "another"));
        });
        cases.each(ApiKeys.SHARE_FETCH, "another member after an acknowledgement",
            (broker, version) -> {
                var request = session(broker);
                broker.ask(NEWEST,
                    acknowledge(request, topicId(broker), 0,
                        new Range(0, 9, ACCEPT, RELEASE, RELEASE, 3, 0, 1, 1, RELEASE, 3, 1)));
                return answer(broker, version, first(broker, request.groupId(), "another"))
                    .and("then", offsets(broker, request.groupId()));
            });
        cases.each(ApiKeys.SHARE_FETCH, "records that were released three times",
            (broker, version) -> {
                var request = session(broker);
                for (int i = 0; i < 3; i++) {
                    broker.ask(NEWEST,
                        acknowledge(request, topicId(broker), 0, new Range(0, 9, RELEASE)));
                    request.setShareSessionEpoch(request.shareSessionEpoch() + 1);
                    if (i < 2) {
                        broker.ask(NEWEST, request);
                        request.setShareSessionEpoch(request.shareSessionEpoch() + 1);
                    }
                }
                return answer(broker, version, request);
            });
    }

    private static void addAcknowledgements(Cases cases) {
        for (Range range : List.of(new Range(0, 9, ACCEPT), new Range(0, 9, RELEASE),
                 new Range(0, 9, 3), new Range(0, 9, 0), new Range(0, 9, RENEW),
                 new Range(0, 9, 5), new Range(0, 9, -1), new Range(0, 9),
                 new Range(0, 1, ACCEPT, RELEASE), new Range(0, 2, ACCEPT, RELEASE),
                 new Range(3, 6, ACCEPT), new Range(5, 4, ACCEPT), new Range(-1, 4, ACCEPT),
                 new Range(5, 12, ACCEPT), new Range(20, 22, ACCEPT),
                 new Range(Long.MAX_VALUE, Long.MAX_VALUE, ACCEPT))) {
            acknowledgement(cases, "of " + range, 0, range);
        }
        acknowledgement(cases, "of nothing", 0);
        acknowledgement(
            cases, "of two ranges", 0, new Range(0, 4, ACCEPT), new Range(5, 9, RELEASE));
        acknowledgement(
            cases, "of ranges that overlap", 0, new Range(0, 4, ACCEPT), new Range(3, 9, ACCEPT));
        acknowledgement(cases, "of ranges in the wrong order", 0, new Range(5, 9, ACCEPT),
            new Range(0, 4, ACCEPT));
        acknowledgement(
            cases, "of a wrong range after another", 0, new Range(0, 4, ACCEPT),
            new Range(8, 12, ACCEPT));
        for (int partition : List.of(-1, 1, 9)) {
            acknowledgement(
                cases, "of partition " + partition, partition, new Range(0, 9, ACCEPT));
        }
        for (int epoch : List.of(-2, FINAL_EPOCH, 0, 5)) {
            acknowledgement(
                cases, "in epoch " + epoch, request -> request.setShareSessionEpoch(epoch));
        }
        acknowledgement(cases, "without group", request -> request.setGroupId(null));
        acknowledgement(cases, "of another group", request -> request.setGroupId("another"));
        acknowledgement(cases, "without member", request -> request.setMemberId(null));
        acknowledgement(cases, "of nobody", request -> request.setMemberId(""));
        acknowledgement(cases, "of another member", request -> request.setMemberId("another"));
        acknowledgement(cases, "of no topic",
            request -> request.setTopics(new AcknowledgeTopicCollection()));
        acknowledgement(cases, "of an unknown topic", request -> {
            var of = acknowledge(fetch("", "", 0), new Uuid(1, 2), 0, new Range(0, 9, ACCEPT));
            request.setTopics(of.topics());
        });
        for (int type : List.of((int) RENEW, (int) ACCEPT)) {
            cases.each(ApiKeys.SHARE_ACKNOWLEDGE, NEWEST, NEWEST,
                "a renewal with type " + type,
                (broker, version)
                    -> acknowledged(broker, version,
                        acknowledge(
                            session(broker), topicId(broker), 0, new Range(0, 9, type))
                            .setIsRenewAck(true)));
        }
        cases.each(ApiKeys.SHARE_ACKNOWLEDGE, "twice the same", (broker, version) -> {
            var session = session(broker);
            Range all = new Range(0, 9, ACCEPT);
            broker.ask(NEWEST, acknowledge(session, topicId(broker), 0, all));
            return acknowledged(broker, version,
                acknowledge(session.setShareSessionEpoch(2), topicId(broker), 0, all));
        });
    }

    private static void acknowledgement(
        Cases cases, String situation, int partition, Range... ranges) {
        cases.each(ApiKeys.SHARE_ACKNOWLEDGE, situation,
            (broker, version)
                -> acknowledged(broker, version,
                    acknowledge(session(broker), topicId(broker), partition, ranges)));
    }

    private static void acknowledgement(
        Cases cases, String situation, Consumer<ShareAcknowledgeRequestData> change) {
        cases.each(ApiKeys.SHARE_ACKNOWLEDGE, situation, (broker, version) -> {
            var request =
                acknowledge(session(broker), topicId(broker), 0, new Range(0, 9, ACCEPT));
            String group = request.groupId();
            change.accept(request);
            return answer(broker, version, request).and("then", offsets(broker, group));
        });
    }

    private static Facts acknowledged(
        Broker broker, short version, ShareAcknowledgeRequestData request) throws Exception {
        return answer(broker, version, request).and("then", offsets(broker, request.groupId()));
    }

    /** Where the group stands by now, as the share coordinator has it. */
    private static Facts offsets(Broker broker, String group) throws Exception {
        return answer(broker, (short) 1,
            new DescribeShareGroupOffsetsRequestData().setGroups(List.of(
                new DescribeShareGroupOffsetsRequestGroup().setGroupId(group).setTopics(null))));
    }

    private static Facts answer(Broker broker, short version, ApiMessage request) throws Exception {
        return Facts.of(version, broker.ask(version, request));
    }
}
