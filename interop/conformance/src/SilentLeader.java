import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.BrokerHeartbeatRequestData;
import org.apache.kafka.common.message.BrokerHeartbeatResponseData;
import org.apache.kafka.common.message.BrokerRegistrationRequestData;
import org.apache.kafka.common.message.BrokerRegistrationRequestData.Feature;
import org.apache.kafka.common.message.BrokerRegistrationRequestData.FeatureCollection;
import org.apache.kafka.common.message.BrokerRegistrationRequestData.Listener;
import org.apache.kafka.common.message.BrokerRegistrationRequestData.ListenerCollection;
import org.apache.kafka.common.message.BrokerRegistrationResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignmentCollection;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumRequestData.PartitionData;
import org.apache.kafka.common.message.DescribeQuorumRequestData.TopicData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;

/**
 * A second broker in Apache Kafka's cluster, alive to the controller, which leads the obstacle's
 * partition and answers nobody: Kafka's coordinator waits for it as long as it lives.
 */
final class SilentLeader {
    private static final int NODE_ID = 2;
    private static final int HEARTBEAT_INTERVAL_MS = 500;

    private final Connection controller;
    private final long epoch;
    // Connections are accepted by the system, and nobody reads them.
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    static void place(Broker broker) throws Exception {
        SilentLeader leader = new SilentLeader(broker);
        while (leader.heartbeat().isFenced()) {
            Thread.sleep(1);
        }
        Thread heart = new Thread(leader::live);
        heart.setDaemon(true);
        heart.start();
        leader.lead(broker);
    }

    private SilentLeader(Broker broker) throws IOException {
        // Without the partition, Kafka names no nodes.
        var metadata = new TopicData()
                           .setTopicName("__cluster_metadata")
                           .setPartitions(List.of(new PartitionData()));
        DescribeQuorumResponseData quorum =
            broker.ask(2, new DescribeQuorumRequestData().setTopics(List.of(metadata)));
        controller = new Connection(quorum.nodes().iterator().next().listeners().find(
            "CONTROLLER").port());
        DescribeClusterResponseData cluster = broker.ask(2, new DescribeClusterRequestData());
        epoch = register(cluster.clusterId(), broker.apiVersions());
    }

    private long register(String clusterId, ApiVersionsResponseData known) throws IOException {
        var listeners = new ListenerCollection(List.of(new Listener()
                .setName("PLAINTEXT")
                .setHost("127.0.0.1")
                .setPort(socket.getLocalPort())).iterator());
        var features = new FeatureCollection();
        known.supportedFeatures().forEach(feature
            -> features.add(new Feature()
                    .setName(feature.name())
                    .setMinSupportedVersion(feature.minVersion())
                    .setMaxSupportedVersion(feature.maxVersion())));
        var request = new BrokerRegistrationRequestData()
                          .setBrokerId(NODE_ID)
                          .setClusterId(clusterId)
                          .setIncarnationId(Uuid.randomUuid())
                          .setListeners(listeners)
                          .setFeatures(features)
                          .setLogDirs(List.of(Uuid.randomUuid()));
        var registered = (BrokerRegistrationResponseData) controller.ask((short) 4, request);
        Transaction.require(registered.errorCode());
        return registered.brokerEpoch();
    }

    private BrokerHeartbeatResponseData heartbeat() throws IOException {
        var request = new BrokerHeartbeatRequestData()
                          .setBrokerId(NODE_ID)
                          .setBrokerEpoch(epoch)
                          .setCurrentMetadataOffset(epoch);
        var answer = (BrokerHeartbeatResponseData) controller.ask((short) 1, request);
        Transaction.require(answer.errorCode());
        return answer;
    }

    private void live() {
        try {
            while (true) {
                heartbeat();
                Thread.sleep(HEARTBEAT_INTERVAL_MS);
            }
        } catch (IOException | InterruptedException exception) {
            throw new AssertionError("the silent leader is dead", exception);
        }
    }

    private void lead(Broker broker) throws Exception {
        var replicas = new CreatableReplicaAssignment().setBrokerIds(List.of(NODE_ID));
        var topic = new CreatableTopic()
                        .setName(Obstacle.TOPIC)
                        .setNumPartitions(-1)
                        .setReplicationFactor((short) -1)
                        .setAssignments(new CreatableReplicaAssignmentCollection(
                            List.of(replicas).iterator()));
        CreateTopicsResponseData created = broker.ask(7,
            new CreateTopicsRequestData()
                .setTopics(new CreatableTopicCollection(List.of(topic).iterator()))
                .setTimeoutMs(10_000));
        Transaction.require(created.topics().find(Obstacle.TOPIC).errorCode());
        broker.<MetadataResponseData>askUntil(answer -> {
            var partitions = answer.topics().find(Obstacle.TOPIC).partitions();
            return !partitions.isEmpty() && partitions.get(0).leaderId() == NODE_ID;
        }, 12, new MetadataRequestData().setTopics(List.of(
                   new MetadataRequestTopic().setName(Obstacle.TOPIC))));
    }
}
