import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GroupsTest {
    private static void writeToEach(String topic, String prefix) throws Exception {
        try (var producer = Clients.producer(Map.of())) {
            for (int partition = 0; partition < 6; partition++) {
                Clients.write(producer, topic, partition,
                    Clients.numbered(prefix + " " + partition + " ", 10));
            }
        }
    }

    /** The cooperative one came with version 2.4. */
    static List<String> assignors() {
        return Stream.of("RangeAssignor", "CooperativeStickyAssignor")
            .map(name -> "org.apache.kafka.clients.consumer." + name)
            .filter(name -> GroupsTest.class.getClassLoader()
                .getResource(name.replace('.', '/') + ".class") != null)
            .toList();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("three members share six partitions and take over those of one that leaves")
    @MethodSource("assignors")
    void rebalance(String assignor) throws Exception {
        String topic = Clients.newTopic("shared", 6);
        try (Group group = new Group(topic, Map.of("partition.assignment.strategy", assignor))) {
            group.join();
            group.join();
            group.join();
            group.waitForShares(List.of(2, 2, 2));
            writeToEach(topic, "before");
            group.waitForValues(60);
            group.members.forEach(KafkaConsumer::commitSync);
            group.members.remove(0).close();
            group.waitForShares(List.of(3, 3));
            writeToEach(topic, "after");
            group.waitForValues(120);
            for (int partition = 0; partition < 6; partition++) {
                String mine = " " + partition + " ";
                assertEquals(Clients.concat(Clients.numbered("before" + mine, 10),
                        Clients.numbered("after" + mine, 10)),
                    group.values.stream().filter(value -> value.contains(mine)).toList());
            }
        }
    }

    @Test
    @DisplayName("a group goes on where it committed")
    void resume() throws Exception {
        String topic = Clients.newTopic("resumed", 1);
        Map<String, ?> settings =
            Map.of("group.id", Clients.unique("group"), "max.poll.records", 10);
        Clients.write(topic, 0, Clients.numbered("", 30));
        try (Group group = new Group(topic, settings)) {
            group.join();
            group.waitForValues(10);
            assertEquals(Clients.numbered("", 10), group.values);
            group.members.get(0).commitSync();
        }
        try (Group group = new Group(topic, settings)) {
            group.join();
            group.waitForValues(20);
            assertEquals(Clients.numbered("", 30).subList(10, 30), group.values);
        }
    }
}
