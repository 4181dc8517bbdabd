import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeStreamsGroupsOptions;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.clients.admin.StreamsGroupTopologyDescription.Source;
import org.apache.kafka.clients.admin.StreamsGroupTopologyDescriptionStatus;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.internals.AsyncKafkaConsumer;
import org.apache.kafka.clients.consumer.internals.StreamsRebalanceData;
import org.apache.kafka.clients.consumer.internals.StreamsRebalanceListener;
import org.apache.kafka.common.message.StreamsGroupTopologyDescriptionUpdateRequestData.*;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The consumer of Kafka Streams tells how its topology is made, and AdminClient shows it. */
class TopologyDescriptionTest {
    @Test
    @DisplayName("a streams group's topology is described as its member tells it")
    void described() throws Exception {
        String topic = Clients.newTopic("streamed", 1);
        String group = Clients.unique("streams");
        try (var consumer = member(group, topic); var admin = Clients.admin()) {
            consumer.subscribe(List.of(topic), new Listener());
            Clients.waitUntil("the topology is described", () -> {
                consumer.poll(Duration.ofMillis(100));
                return described(admin, group).topologyDescriptionStatus()
                    == StreamsGroupTopologyDescriptionStatus.AVAILABLE;
            });
            var subtopology = described(admin, group)
                                  .topologyDescription()
                                  .orElseThrow()
                                  .subtopologies()
                                  .iterator()
                                  .next();
            assertEquals("0", subtopology.id());
            var node = (Source) subtopology.nodes().iterator().next();
            assertEquals("reads", node.name());
            assertEquals(Set.of(topic), node.topics());
        }
    }

    private static StreamsGroupDescription described(Admin admin, String group) throws Exception {
        var options = new DescribeStreamsGroupsOptions().includeTopologyDescription(true);
        return Clients.get(admin.describeStreamsGroups(List.of(group), options).all()).get(group);
    }

    private static AsyncKafkaConsumer<String, String> member(String group, String topic) {
        var tasks = new StreamsRebalanceData.Subtopology(
            Set.of(topic), Set.of(), Map.of(), Map.of(), List.of());
        var data = new StreamsRebalanceData(UUID.randomUUID(), Optional.empty(), Optional.empty(),
            Map.of("0", tasks), Map.of(), Map::of, Map::of);
        var node = new TopologyDescriptionNode().setName("reads").setNodeType((byte) 1);
        data.setWireTopologyDescription(new TopologyDescription().setSubtopologies(
            List.of(new TopologyDescriptionSubtopology().setSubtopologyId("0").setNodes(
                List.of(node.setSourceTopics(List.of(topic)))))));
        var properties = new Properties();
        properties.put("bootstrap.servers", System.getenv("EINMAL_BOOTSTRAP"));
        properties.put("group.id", group);
        properties.put("group.protocol", "consumer");
        properties.put("key.deserializer", StringDeserializer.class);
        properties.put("value.deserializer", StringDeserializer.class);
        return new AsyncKafkaConsumer<>(new ConsumerConfig(properties), new StringDeserializer(),
            new StringDeserializer(), Optional.of(data));
    }

    private static final class Listener implements StreamsRebalanceListener {
        @Override
        public void onTasksRevoked(Set<StreamsRebalanceData.TaskId> tasks) {}

        @Override
        public void onTasksAssigned(StreamsRebalanceData.Assignment assignment) {}

        @Override
        public void onAllTasksLost() {}
    }
}
