import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.ConfigResource.Type;

/** Configs that were set while a broker ran, of every kind of resource. */
final class Configs {
    private static final String NODE = "1";
    private static final long PATIENCE_NS = 30_000_000_000L;

    private Configs() {
    }

    /** All that was ever set, as lines. */
    static List<String> see(Admin admin) throws Exception {
        var kinds = Set.of(Type.TOPIC, Type.GROUP, Type.CLIENT_METRICS);
        List<ConfigResource> resources = new ArrayList<>(Observation.get(
            admin.listConfigResources(kinds, new ListConfigResourcesOptions()).all()));
        resources.add(new ConfigResource(Type.BROKER, NODE));
        resources.add(new ConfigResource(Type.BROKER, ""));
        List<String> lines = new ArrayList<>();
        Observation.get(admin.describeConfigs(resources).all()).forEach((resource, configs) -> {
            for (var entry : configs.entries()) {
                if (isOwn(resource, entry)) {
                    lines.add(resource.type() + " " + resource.name() + " " + entry.name() + "="
                        + entry.value());
                }
            }
        });
        lines.sort(null);
        return lines;
    }

    private static boolean isOwn(ConfigResource resource, ConfigEntry entry) {
        String source = entry.source().name();
        boolean isOfBrokers = source.contains("BROKER");
        return source.startsWith("DYNAMIC") && isOfBrokers == (resource.type() == Type.BROKER);
    }

    /** Other values in each visit; some are deleted in every second one. */
    static void change(Admin admin, int visit, String topic) throws Exception {
        Map<ConfigResource, Collection<AlterConfigOp>> changes = Map.of(
            new ConfigResource(Type.TOPIC, topic),
            List.of(set("flush.ms", 1_000_000 + visit),
                new AlterConfigOp(
                    new ConfigEntry("leader.replication.throttled.replicas", "0:" + visit),
                    OpType.APPEND)),
            new ConfigResource(Type.BROKER, NODE),
            List.of(set("log.message.timestamp.before.max.ms", 9_000_000_000_000L + visit),
                sometimes("listener.name.external.ssl.keystore.password", visit)),
            new ConfigResource(Type.BROKER, ""), List.of(set("log.roll.ms", 500_000_000L + visit)),
            new ConfigResource(Type.GROUP, "configured"),
            List.of(set("consumer.session.timeout.ms", 50_000 + visit),
                sometimes("share.session.timeout.ms", visit)),
            new ConfigResource(Type.CLIENT_METRICS, "subscription"),
            List.of(set("interval.ms", 1_000 + visit), set("metrics", "visit-" + visit)));
        Observation.get(admin.incrementalAlterConfigs(changes).all());
        // Kafka's broker sees later than its controller what was decided.
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (!see(admin).containsAll(expected(changes))) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("there is " + see(admin) + ", not " + expected(changes));
            }
            Thread.sleep(50);
        }
    }

    private static List<String> expected(Map<ConfigResource, Collection<AlterConfigOp>> changes) {
        List<String> lines = new ArrayList<>();
        changes.forEach((resource, ops) -> {
            var first = ops.iterator().next().configEntry();
            lines.add(resource.type() + " " + resource.name() + " " + first.name() + "="
                + first.value());
        });
        return lines;
    }

    private static AlterConfigOp set(String key, Object value) {
        return new AlterConfigOp(new ConfigEntry(key, String.valueOf(value)), OpType.SET);
    }

    private static AlterConfigOp sometimes(String key, int visit) {
        return visit % 2 == 0 ? new AlterConfigOp(new ConfigEntry(key, ""), OpType.DELETE)
                              : set(key, 50_000 + visit);
    }
}
