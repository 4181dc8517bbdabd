import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Members of one group, polled together so that all take part in a rebalance. */
final class Group implements AutoCloseable {
    /** What makes a member speak the protocol of consumer groups (KIP-848). */
    static final Map<String, String> NEXT_GENERATION = Map.of("group.protocol", "consumer");
    static final Map<String, String> CLASSIC = Map.of();

    final String id = Clients.unique("group");
    final List<KafkaConsumer<String, String>> members = new ArrayList<>();
    final List<String> values = new ArrayList<>();
    private final String topic;
    private final Map<String, ?> own;

    Group(String topic, Map<String, ?> own) {
        this.topic = topic;
        this.own = own;
    }

    void join() {
        join(own);
    }

    void join(Map<String, ?> settings) {
        join(settings, member -> member.subscribe(List.of(topic)));
    }

    void join(Map<String, ?> settings, Consumer<KafkaConsumer<String, String>> subscribe) {
        Map<String, Object> all = new HashMap<>(settings);
        all.putIfAbsent("group.id", id);
        if (!"consumer".equals(all.get("group.protocol"))) {
            // Which the broker tells the members of consumer groups.
            all.putIfAbsent("heartbeat.interval.ms", 300);
        }
        var member = Clients.consumer(all);
        subscribe.accept(member);
        members.add(member);
    }

    void poll() {
        for (var member : members) {
            member.poll(Duration.ofMillis(10)).forEach(record -> values.add(record.value()));
        }
    }

    /** Waits until the members have so many partitions each, in ascending order, and none twice. */
    void waitForShares(List<Integer> sizes) throws Exception {
        int total = sizes.stream().mapToInt(Integer::intValue).sum();
        Clients.waitUntil("the group has settled in shares of " + sizes, () -> {
            poll();
            Set<Object> all = new HashSet<>();
            members.forEach(member -> all.addAll(member.assignment()));
            var found = members.stream().map(m -> m.assignment().size()).sorted().toList();
            return found.equals(sizes) && all.size() == total;
        });
    }

    void waitForValues(int count) throws Exception {
        Clients.waitUntil(count + " records are read", () -> {
            poll();
            return values.size() >= count;
        });
    }

    @Override
    public void close() {
        members.forEach(KafkaConsumer::close);
    }
}
