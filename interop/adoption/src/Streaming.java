import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.*;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData;

/**
 * Two members of a streams group (KIP-1071), in two processes, which outlive the visits: they say
 * what they have in each heartbeat, and never that they leave.
 */
final class Streaming {
    static final String GROUP = "streaming";
    private static final List<String> MEMBERS = List.of("one", "two");
    private static final int TASKS = 3;
    private static final int PATIENCE_MS = 30_000;

    private final Raw raw;
    private final Properties state;

    Streaming(Raw raw, Properties state) {
        this.raw = raw;
        this.state = state;
    }

    /** Nothing has changed for them under another broker. */
    void find() throws Exception {
        for (String member : MEMBERS) {
            int epoch = epoch(member);
            var answer = raw.beat(beat(member));
            Claims.equal(epoch, answer.memberEpoch());
            if (answer.activeTasks() != null) {
                Claims.equal(tasks(member), partitions(answer));
            }
        }
    }

    /** They join, or one of them comes with another tag, until each has its tasks. */
    void change(int visit, String source) throws Exception {
        boolean isFirst = !state.containsKey("streaming.one.epoch");
        if (isFirst) {
            for (String member : MEMBERS) {
                note(member, raw.beat(join(member, source)));
            }
        } else {
            note("one",
                raw.beat(beat("one").setClientTags(List.of(
                    new KeyValue().setKey("visit").setValue("" + visit)))));
        }
        long deadline = System.nanoTime() + PATIENCE_MS * 1_000_000L;
        while (!hasSettled()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it does not settle: " + state);
            }
            for (String member : MEMBERS) {
                note(member, raw.beat(beat(member)));
            }
            Thread.sleep(50);
        }
    }

    private boolean hasSettled() {
        var all = MEMBERS.stream().flatMap(member -> tasks(member).stream()).sorted().toList();
        return all.equals(IntStream.range(0, TASKS).boxed().toList())
            && MEMBERS.stream().noneMatch(member -> tasks(member).isEmpty())
            && MEMBERS.stream().map(this::epoch).distinct().count() == 1;
    }

    private void note(String member, StreamsGroupHeartbeatResponseData answer) {
        state.setProperty("streaming." + member + ".epoch", "" + answer.memberEpoch());
        if (answer.activeTasks() != null) {
            state.setProperty("streaming." + member + ".tasks",
                String.join(" ", partitions(answer).stream().map(String::valueOf).toList()));
        }
    }

    private int epoch(String member) {
        return Integer.parseInt(state.getProperty("streaming." + member + ".epoch"));
    }

    private List<Integer> tasks(String member) {
        String tasks = state.getProperty("streaming." + member + ".tasks", "");
        return tasks.isEmpty()
            ? List.of()
            : List.of(tasks.split(" ")).stream().map(Integer::valueOf).toList();
    }

    private static List<Integer> partitions(StreamsGroupHeartbeatResponseData answer) {
        List<Integer> partitions = new ArrayList<>();
        answer.activeTasks().forEach(tasks -> partitions.addAll(tasks.partitions()));
        partitions.sort(null);
        return partitions;
    }

    private StreamsGroupHeartbeatRequestData beat(String member) {
        List<Integer> has = tasks(member);
        var active = new TaskIds().setSubtopologyId("0").setPartitions(has);
        return request(member, epoch(member)).setActiveTasks(
            has.isEmpty() ? List.of() : List.of(active));
    }

    private static StreamsGroupHeartbeatRequestData join(String member, String source) {
        var reading = new Subtopology()
                          .setSubtopologyId("0")
                          .setSourceTopics(List.of(source))
                          .setStateChangelogTopics(List.of(
                              new TopicInfo().setName(GROUP + "-store-changelog")));
        return request(member, 0)
            .setRebalanceTimeoutMs(PATIENCE_MS)
            .setProcessId("process of " + member)
            .setUserEndpoint(new Endpoint().setHost(member).setPort(1_234))
            .setTopology(new Topology().setEpoch(0).setSubtopologies(List.of(reading)))
            .setActiveTasks(List.of());
    }

    private static StreamsGroupHeartbeatRequestData request(String member, int epoch) {
        return new StreamsGroupHeartbeatRequestData()
            .setGroupId(GROUP)
            .setMemberId(member)
            .setMemberEpoch(epoch)
            .setStandbyTasks(List.of())
            .setWarmupTasks(List.of());
    }
}
