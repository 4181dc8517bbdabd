import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.clients.admin.StreamsGroupMemberAssignment;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A streams group (KIP-1071) whose configuration gives each task a standby. */
class StandbyTest {
    private static final List<String> KEYS = Clients.numbered("key-", 10);
    private static final int PARTITIONS = 4;

    @TempDir
    Path directory;

    private String group;
    private String input;
    private String output;
    private CountReader reader;
    private Admin admin;

    @BeforeEach
    void open() throws Exception {
        group = Clients.unique("standing-by");
        input = Clients.newTopic("input", PARTITIONS);
        output = Clients.newTopic("output", PARTITIONS);
        reader = new CountReader(output, PARTITIONS);
        admin = Clients.admin();
    }

    @AfterEach
    void close() {
        admin.close();
        reader.close();
    }

    private Program start(String stateDirectory) throws IOException {
        return CountingApplication.start(new CountingApplication.Job(group,
            CountingApplication.STREAMS, input, output, directory.resolve(stateDirectory)));
    }

    private void write(int rounds) {
        try (var producer = Clients.producer(Map.of())) {
            for (int round = 0; round < rounds; round++) {
                for (String key : KEYS) {
                    producer.send(new ProducerRecord<>(input, key, "value"));
                }
            }
        }
    }

    private void wantStandbys(String count) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        var change = new AlterConfigOp(new ConfigEntry("streams.num.standby.replicas", count),
            AlterConfigOp.OpType.SET);
        Clients.get(admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all());
    }

    private StreamsGroupDescription describe() throws Exception {
        return Clients.get(admin.describeStreamsGroups(List.of(group)).all()).get(group);
    }

    /** The partitions of all tasks that the members have, as active or as standby. */
    private static List<Integer> partitions(StreamsGroupDescription described,
        Function<StreamsGroupMemberAssignment, Collection<StreamsGroupMemberAssignment.TaskIds>>
            of) {
        return described.members().stream()
            .flatMap(member -> of.apply(member.assignment()).stream())
            .flatMap(tasks -> tasks.partitions().stream())
            .sorted().toList();
    }

    private boolean isThere() throws Exception {
        return Clients.get(admin.listGroups().all()).stream().anyMatch(
            listed -> listed.groupId().equals(group));
    }

    private void awaitTasks(int processes, List<Integer> standby) throws Exception {
        Clients.waitUntil("there is a group", this::isThere);
        Clients.waitUntil("tasks are assigned in " + processes + " processes", () -> {
            Thread.sleep(50);
            var described = describe();
            return described.groupState() == GroupState.STABLE
                && described.members().stream().map(member -> member.processId()).distinct()
                       .count() == processes
                && partitions(described, StreamsGroupMemberAssignment::activeTasks)
                       .equals(List.of(0, 1, 2, 3))
                && partitions(described, StreamsGroupMemberAssignment::standbyTasks)
                       .equals(standby);
        });
    }

    @Test
    @DisplayName("a standby of each task takes over from an instance that is killed")
    void takeOver() throws Exception {
        wantStandbys("1");
        write(200);
        try (var first = start("first"); var second = start("second")) {
            awaitTasks(2, List.of(0, 1, 2, 3));
            checkNobodyStandsBesideItself(describe());
            reader.waitForCounts(200L * KEYS.size());
            first.kill();
            write(200);
            awaitTasks(1, List.of());
            reader.checkCountedOnce(KEYS, 400);
        }
    }

    /** A standby is in another process than its active task. */
    private static void checkNobodyStandsBesideItself(StreamsGroupDescription described) {
        var active = described.members().stream().flatMap(member
            -> places(member.processId(), member.assignment().activeTasks()));
        var standby = described.members().stream().flatMap(member
            -> places(member.processId(), member.assignment().standbyTasks()));
        assertEquals(2 * PARTITIONS, Stream.concat(active, standby).distinct().count());
    }

    private static Stream<String> places(
        String process, Collection<StreamsGroupMemberAssignment.TaskIds> tasks) {
        return tasks.stream().flatMap(
            of -> of.partitions().stream().map(partition -> process + " " + partition));
    }

    @Test
    @DisplayName("standbys come and go as the group's configuration says")
    void reconfigure() throws Exception {
        try (var first = start("first"); var second = start("second")) {
            awaitTasks(2, List.of());
            wantStandbys("1");
            awaitTasks(2, List.of(0, 1, 2, 3));
            wantStandbys("0");
            awaitTasks(2, List.of());
        }
    }
}
