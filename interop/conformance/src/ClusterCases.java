import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AddRaftVoterRequestData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumRequestData.PartitionData;
import org.apache.kafka.common.message.DescribeQuorumRequestData.TopicData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.RemoveRaftVoterRequestData;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterControllerRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKeyCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** The quorum, its voters, the brokers, and the features that the cluster is finalized at. */
final class ClusterCases {
    private static final String METADATA = "__cluster_metadata";
    private static final String TRANSACTION_VERSION = "transaction.version";
    private static final byte UPGRADE = 1;
    private static final byte SAFE_DOWNGRADE = 2;
    private static final byte UNSAFE_DOWNGRADE = 3;

    private ClusterCases() {
    }

    static void addTo(Cases cases) {
        addQuorum(cases);
        addFeatures(cases);
        addRegistrations(cases);
        addVoters(cases);
    }

    private static void addQuorum(Cases cases) {
        quorum(cases, "the metadata log", topic(METADATA, 0));
        quorum(cases, "partition 1", topic(METADATA, 1));
        quorum(cases, "partition -1", topic(METADATA, -1));
        quorum(cases, "another topic", topic("unknown", 0));
        quorum(cases, "no name", topic("", 0));
        quorum(cases, "no partition", topic(METADATA));
        quorum(cases, "no topic");
        quorum(cases, "a partition twice", topic(METADATA, 0, 0));
        quorum(cases, "a topic twice", topic(METADATA, 0), topic(METADATA, 0));
        quorum(cases, "another topic besides", topic(METADATA, 0), topic("unknown", 0));
    }

    private static TopicData topic(String name, int... partitions) {
        return new TopicData().setTopicName(name).setPartitions(
            java.util.Arrays.stream(partitions)
                .mapToObj(partition -> new PartitionData().setPartitionIndex(partition))
                .toList());
    }

    private static void quorum(Cases cases, String situation, TopicData... topics) {
        cases.each(ApiKeys.DESCRIBE_QUORUM, situation, (broker, version) -> {
            DescribeQuorumResponseData answer = broker.ask(
                version, new DescribeQuorumRequestData().setTopics(List.of(topics)));
            for (var asked : answer.topics()) {
                for (var partition : asked.partitions()) {
                    withoutOffsets(partition);
                }
            }
            return Facts.of(version, answer);
        });
    }

    /**
     * Epoch, offsets and times are each broker's own, but there are some. A voter has a directory
     * where the metadata log names the voters, and not where the settings do.
     */
    private static void withoutOffsets(DescribeQuorumResponseData.PartitionData partition) {
        partition.setLeaderEpoch(Math.min(partition.leaderEpoch(), 1));
        partition.setHighWatermark(Math.min(partition.highWatermark(), 1));
        for (var voter : partition.currentVoters()) {
            voter.setReplicaDirectoryId(Uuid.ZERO_UUID)
                .setLogEndOffset(Math.min(voter.logEndOffset(), 1))
                .setLastFetchTimestamp(Math.min(voter.lastFetchTimestamp(), 1))
                .setLastCaughtUpTimestamp(Math.min(voter.lastCaughtUpTimestamp(), 1));
        }
    }

    private static void addFeatures(Cases cases) {
        for (int level : List.of(-1, 0, 1, 2, 3, 32_767)) {
            for (byte type : new byte[] {0, UPGRADE, SAFE_DOWNGRADE, UNSAFE_DOWNGRADE, 4}) {
                features(cases, 1, "transaction.version " + level + ", type " + type,
                    update(TRANSACTION_VERSION, level, type));
            }
            features(cases, 0, "transaction.version " + level + ", may go down",
                update(TRANSACTION_VERSION, level, UPGRADE).setAllowDowngrade(true));
            features(cases, 1, "unknown.version " + level,
                update("unknown.version", level, UNSAFE_DOWNGRADE));
            features(cases, 1, "kraft.version " + level,
                update("kraft.version", level, UNSAFE_DOWNGRADE));
        }
        for (int level : List.of(-1, 0, 1, 2)) {
            for (byte type : new byte[] {UPGRADE, SAFE_DOWNGRADE, UNSAFE_DOWNGRADE}) {
                features(cases, 1, "group.version " + level + ", type " + type,
                    update("group.version", level, type));
            }
        }
        for (int level : List.of(-1, 0, 1, 6, 7, 17, 24, 25, 27, 32_767)) {
            for (byte type : new byte[] {UPGRADE, SAFE_DOWNGRADE, UNSAFE_DOWNGRADE}) {
                features(cases, 1, "metadata.version " + level + ", type " + type,
                    update("metadata.version", level, type));
            }
        }
        features(cases, 1, "no update");
        features(cases, 1, "no name", update("", 1, UPGRADE));
        features(cases, 1, "a right one and a wrong one",
            update(TRANSACTION_VERSION, 1, SAFE_DOWNGRADE), update("unknown.version", 1, UPGRADE));
        features(cases, 1, "a wrong one and a right one", update("unknown.version", 1, UPGRADE),
            update(TRANSACTION_VERSION, 1, SAFE_DOWNGRADE));
        features(cases, 1, "two right ones", update("group.version", 1, UPGRADE),
            update(TRANSACTION_VERSION, 1, SAFE_DOWNGRADE));
    }

    private static FeatureUpdateKey update(String feature, int level, byte type) {
        return new FeatureUpdateKey()
            .setFeature(feature)
            .setMaxVersionLevel((short) level)
            .setUpgradeType(type);
    }

    private static void features(
        Cases cases, int first, String situation, FeatureUpdateKey... updates) {
        int last = first == 0 ? 0 : Short.MAX_VALUE;
        cases.each(ApiKeys.UPDATE_FEATURES, first, last, situation, (broker, version) -> {
            var all = new FeatureUpdateKeyCollection();
            for (var update : updates) {
                all.mustAdd(update.duplicate());
            }
            return answer(broker, version,
                new UpdateFeaturesRequestData().setFeatureUpdates(all).setValidateOnly(first > 0));
        });
    }

    private static void addRegistrations(Cases cases) {
        for (int id : List.of(-1, 7)) {
            cases.each(ApiKeys.UNREGISTER_BROKER, "broker " + id,
                (broker, version)
                    -> answer(broker, version, new UnregisterBrokerRequestData().setBrokerId(id)));
            cases.each(ApiKeys.UNREGISTER_CONTROLLER, "controller " + id,
                (broker, version)
                    -> answer(broker, version,
                        new UnregisterControllerRequestData().setControllerId(id)));
        }
        cases.each(ApiKeys.UNREGISTER_CONTROLLER, "itself",
            (broker, version)
                -> answer(
                    broker, version, new UnregisterControllerRequestData().setControllerId(1)));
    }

    private static void addVoters(Cases cases) {
        for (String cluster : new String[] {null, "", "another"}) {
            for (int voter : List.of(-1, 1, 7)) {
                String situation = "voter " + voter + " of cluster " + cluster;
                var listeners = new AddRaftVoterRequestData.ListenerCollection();
                listeners.add(new AddRaftVoterRequestData.Listener()
                        .setName("CONTROLLER")
                        .setHost("localhost")
                        .setPort(1));
                cases.each(ApiKeys.ADD_RAFT_VOTER, situation,
                    (broker, version)
                        -> answer(broker, version,
                            new AddRaftVoterRequestData()
                                .setClusterId(cluster)
                                .setVoterId(voter)
                                .setVoterDirectoryId(new Uuid(1, 2))
                                .setListeners(listeners.duplicate())));
                cases.each(ApiKeys.REMOVE_RAFT_VOTER, situation,
                    (broker, version)
                        -> answer(broker, version,
                            new RemoveRaftVoterRequestData()
                                .setClusterId(cluster)
                                .setVoterId(voter)
                                .setVoterDirectoryId(new Uuid(1, 2))));
            }
        }
        cases.each(ApiKeys.ADD_RAFT_VOTER, "without listeners",
            (broker, version)
                -> answer(broker, version,
                    new AddRaftVoterRequestData().setVoterId(7).setVoterDirectoryId(
                        new Uuid(1, 2))));
    }

    private static Facts answer(Broker broker, short version, ApiMessage request) throws Exception {
        return Facts.of(version, broker.ask(version, request));
    }
}
