import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteShareGroupStateRequestData;
import org.apache.kafka.common.message.DeleteShareGroupStateRequestData.DeleteStateData;
import org.apache.kafka.common.message.InitializeShareGroupStateRequestData;
import org.apache.kafka.common.message.InitializeShareGroupStateRequestData.InitializeStateData;
import org.apache.kafka.common.message.ReadShareGroupStateRequestData;
import org.apache.kafka.common.message.ReadShareGroupStateRequestData.ReadStateData;
import org.apache.kafka.common.message.ReadShareGroupStateSummaryRequestData;
import org.apache.kafka.common.message.ReadShareGroupStateSummaryRequestData.ReadStateSummaryData;
import org.apache.kafka.common.message.WriteShareGroupStateRequestData;
import org.apache.kafka.common.message.WriteShareGroupStateRequestData.StateBatch;
import org.apache.kafka.common.message.WriteShareGroupStateRequestData.WriteStateData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** The share coordinator (KIP-932), as the leaders of partitions ask it. */
final class ShareStateCases {
    private static final int STATE_EPOCH = 5;
    private static final int START = 10;

    /** Who asks about which share-partition. */
    private record Place(String group, Uuid topic, int partition) {
    }

    private interface Request {
        ApiMessage about(Place place, short version);
    }

    private ShareStateCases() {
    }

    static void addTo(Cases cases) {
        addPlaces(cases);
        addInitializations(cases);
        addReads(cases);
        addWrites(cases);
    }

    private static Place place(Broker broker) throws Exception {
        return new Place(broker.unique("shares"), broker.topicId(ShareGroupCases.TOPIC), 0);
    }

    /** One that has a state already. */
    private static Place initialized(Broker broker) throws Exception {
        Place place = place(broker);
        broker.ask(0, initialize(place, STATE_EPOCH, START));
        return place;
    }

    private static ApiMessage initialize(Place place, int stateEpoch, long start) {
        return new InitializeShareGroupStateRequestData().setGroupId(place.group).setTopics(
            List.of(new InitializeStateData().setTopicId(place.topic).setPartitions(
                List.of(new InitializeShareGroupStateRequestData.PartitionData()
                        .setPartition(place.partition)
                        .setStateEpoch(stateEpoch)
                        .setStartOffset(start)))));
    }

    private static ApiMessage read(Place place, int leaderEpoch) {
        return new ReadShareGroupStateRequestData().setGroupId(place.group).setTopics(
            List.of(new ReadStateData().setTopicId(place.topic).setPartitions(
                List.of(new ReadShareGroupStateRequestData.PartitionData()
                        .setPartition(place.partition)
                        .setLeaderEpoch(leaderEpoch)))));
    }

    private static ApiMessage summary(Place place, int leaderEpoch) {
        return new ReadShareGroupStateSummaryRequestData().setGroupId(place.group).setTopics(
            List.of(new ReadStateSummaryData().setTopicId(place.topic).setPartitions(
                List.of(new ReadShareGroupStateSummaryRequestData.PartitionData()
                        .setPartition(place.partition)
                        .setLeaderEpoch(leaderEpoch)))));
    }

    private static ApiMessage write(Place place, int stateEpoch, int leaderEpoch, long start,
        short version, StateBatch... batches) {
        var partition = new WriteShareGroupStateRequestData.PartitionData()
                            .setPartition(place.partition)
                            .setStateEpoch(stateEpoch)
                            .setLeaderEpoch(leaderEpoch)
                            .setStartOffset(start)
                            .setStateBatches(List.of(batches));
        if (version >= 1) {
            partition.setDeliveryCompleteCount(2);
        }
        return new WriteShareGroupStateRequestData().setGroupId(place.group).setTopics(
            List.of(new WriteStateData().setTopicId(place.topic).setPartitions(
                List.of(partition))));
    }

    private static StateBatch batch(long first, long last, int state, int count) {
        return new StateBatch()
            .setFirstOffset(first)
            .setLastOffset(last)
            .setDeliveryState((byte) state)
            .setDeliveryCount((short) count);
    }

    private static String text(StateBatch batch) {
        return "batch " + batch.firstOffset() + "-" + batch.lastOffset() + ", state "
            + batch.deliveryState() + ", count " + batch.deliveryCount();
    }

    private static ApiMessage delete(Place place) {
        return new DeleteShareGroupStateRequestData().setGroupId(place.group).setTopics(
            List.of(new DeleteStateData().setTopicId(place.topic).setPartitions(
                List.of(new DeleteShareGroupStateRequestData.PartitionData().setPartition(
                    place.partition)))));
    }

    /** Each request about what is not there, or cannot be. */
    private static void addPlaces(Cases cases) {
        atPlaces(cases, ApiKeys.INITIALIZE_SHARE_GROUP_STATE,
            (place, version) -> initialize(place, STATE_EPOCH, START));
        atPlaces(cases, ApiKeys.READ_SHARE_GROUP_STATE, (place, version) -> read(place, 0));
        atPlaces(
            cases, ApiKeys.READ_SHARE_GROUP_STATE_SUMMARY, (place, version) -> summary(place, 0));
        atPlaces(cases, ApiKeys.WRITE_SHARE_GROUP_STATE,
            (place, version)
                -> write(place, STATE_EPOCH, 0, START, version, batch(START, START, 2, 1)));
        atPlaces(cases, ApiKeys.DELETE_SHARE_GROUP_STATE, (place, version) -> delete(place));
    }

    private static void atPlaces(Cases cases, ApiKeys api, Request request) {
        at(cases, api, "without state", request, place -> place);
        at(cases, api, "without group", request,
            place -> new Place("", place.topic, place.partition));
        at(cases, api, "of a topic without id", request,
            place -> new Place(place.group, Uuid.ZERO_UUID, place.partition));
        at(cases, api, "of an unknown topic", request,
            place -> new Place(place.group, new Uuid(1, 2), place.partition));
        for (int partition : List.of(-1, 9)) {
            at(cases, api, "of partition " + partition, request,
                place -> new Place(place.group, place.topic, partition));
        }
        cases.each(api, "with a state", (broker, version) -> {
            Place place = initialized(broker);
            return answer(broker, version, request.about(place, version))
                .and("then", state(broker, place));
        });
        cases.each(api, "after the state was deleted", (broker, version) -> {
            Place place = initialized(broker);
            broker.ask(0, delete(place));
            return answer(broker, version, request.about(place, version))
                .and("then", state(broker, place));
        });
    }

    private static void at(Cases cases, ApiKeys api, String situation, Request request,
        java.util.function.UnaryOperator<Place> change) {
        cases.each(api, situation,
            (broker, version)
                -> answer(broker, version, request.about(change.apply(place(broker)), version)));
    }

    private static void addInitializations(Cases cases) {
        for (int epoch : List.of(-1, 0, 4, 5, 6)) {
            after(cases, ApiKeys.INITIALIZE_SHARE_GROUP_STATE, "again, state epoch " + epoch,
                (place, version) -> initialize(place, epoch, START + 10));
        }
        for (long start : List.of(-2L, -1L, 0L, Long.MAX_VALUE)) {
            after(cases, ApiKeys.INITIALIZE_SHARE_GROUP_STATE, "again, start " + start,
                (place, version) -> initialize(place, STATE_EPOCH, start));
        }
        cases.each(ApiKeys.INITIALIZE_SHARE_GROUP_STATE, "of nothing",
            (broker, version)
                -> answer(broker, version,
                    new InitializeShareGroupStateRequestData().setGroupId("shares")));
    }

    private static void addReads(Cases cases) {
        for (int epoch : List.of(-1, 0, 3)) {
            after(cases, ApiKeys.READ_SHARE_GROUP_STATE, "leader epoch " + epoch,
                (place, version) -> read(place, epoch));
            after(cases, ApiKeys.READ_SHARE_GROUP_STATE_SUMMARY, "leader epoch " + epoch,
                (place, version) -> summary(place, epoch));
        }
        cases.each(ApiKeys.READ_SHARE_GROUP_STATE, "by an earlier leader", (broker, version) -> {
            Place place = initialized(broker);
            broker.ask(0, read(place, 3));
            return answer(broker, version, read(place, 2)).and("then", state(broker, place));
        });
    }

    private static void addWrites(Cases cases) {
        for (int epoch : List.of(-1, 0, 4, 6)) {
            after(cases, ApiKeys.WRITE_SHARE_GROUP_STATE, "state epoch " + epoch,
                (place, version) -> write(place, epoch, 0, START, version));
        }
        for (int epoch : List.of(-1, 3)) {
            after(cases, ApiKeys.WRITE_SHARE_GROUP_STATE, "leader epoch " + epoch,
                (place, version) -> write(place, STATE_EPOCH, epoch, START, version));
        }
        cases.each(ApiKeys.WRITE_SHARE_GROUP_STATE, "by an earlier leader", (broker, version) -> {
            Place place = initialized(broker);
            broker.ask(0, read(place, 3));
            return answer(broker, version, write(place, STATE_EPOCH, 2, START, version));
        });
        for (long start : List.of(-2L, -1L, 0L, 15L)) {
            after(cases, ApiKeys.WRITE_SHARE_GROUP_STATE, "start " + start,
                (place, version)
                    -> write(place, STATE_EPOCH, 0, start, version, batch(START, 19, 0, 1)));
        }
        for (StateBatch batch : List.of(batch(12, 14, 2, 1), batch(0, 5, 2, 1),
                 batch(5, 12, 2, 1), batch(12, 14, 1, 1), batch(12, 14, 3, 1), batch(12, 14, 4, 5),
                 batch(12, 14, 0, 0))) {
            after(cases, ApiKeys.WRITE_SHARE_GROUP_STATE, text(batch),
                (place, version) -> write(place, STATE_EPOCH, 0, START, version, batch));
        }
        for (StateBatch batch : List.of(batch(14, 12, 2, 1), batch(-1, 12, 2, 1),
                 batch(12, 14, 9, 1), batch(12, 14, -1, 1), batch(12, 14, 0, -1))) {
            cases.each(ApiKeys.WRITE_SHARE_GROUP_STATE, "unsound " + text(batch),
                (broker, version)
                    -> answer(broker, version,
                        write(initialized(broker), STATE_EPOCH, 0, START, version, batch)));
        }
        after(cases, ApiKeys.WRITE_SHARE_GROUP_STATE, "batches that overlap",
            (place, version)
                -> write(place, STATE_EPOCH, 0, START, version, batch(12, 18, 0, 1),
                    batch(14, 16, 2, 1), batch(15, 19, 0, 2)));
        after(cases, ApiKeys.WRITE_SHARE_GROUP_STATE, "batches side by side",
            (place, version)
                -> write(place, STATE_EPOCH, 0, START, version, batch(15, 19, 2, 1),
                    batch(12, 14, 2, 1)));
    }

    /** A request after the initialization, and what the state is then. */
    private static void after(Cases cases, ApiKeys api, String situation, Request request) {
        cases.each(api, situation, (broker, version) -> {
            Place place = initialized(broker);
            return answer(broker, version, request.about(place, version))
                .and("then", state(broker, place));
        });
    }

    private static Facts state(Broker broker, Place place) throws Exception {
        return answer(broker, (short) 0, read(place, 100));
    }

    private static Facts answer(Broker broker, short version, ApiMessage request) throws Exception {
        return Facts.of(version, broker.ask(version, request));
    }
}
