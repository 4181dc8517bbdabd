import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.*;
import org.apache.kafka.common.protocol.ApiKeys;

/** Changes of configs: right ones with what they lead to, and wrong ones. */
final class ConfigCases {
    static final byte TOPIC = 2;
    static final byte BROKER = 4;
    static final byte LOGGER = 8;
    static final byte METRICS = 16;
    static final byte GROUP = 32;

    private static final byte SET = 0;
    private static final byte DELETE = 1;
    private static final byte APPEND = 2;
    private static final byte SUBTRACT = 3;

    /** One change of one key. */
    record Op(byte operation, String key, String value) {
    }

    /** All changes of one resource. */
    record Change(byte type, String name, Op... ops) {
    }

    private static final String TOPIC_NAME = "configured";

    private ConfigCases() {
    }

    static void addTo(Cases cases) {
        addResources(cases);
        addTopicChanges(cases);
        addWrongTopicChanges(cases);
        addBrokerChanges(cases);
        addWrongBrokerChanges(cases);
        addLoggers(cases);
        addGroups(cases);
        addClientMetrics(cases);
        addReplacements(cases);
    }

    private static Op set(String key, String value) {
        return new Op(SET, key, value);
    }

    private static Op delete(String key) {
        return new Op(DELETE, key, null);
    }

    private static Op append(String key, String value) {
        return new Op(APPEND, key, value);
    }

    private static Op subtract(String key, String value) {
        return new Op(SUBTRACT, key, value);
    }

    private static void addResources(Cases cases) {
        for (int type : new int[] {0, 1, 3, 64, 127, -1}) {
            wrong(cases, "a resource of type " + type,
                new Change((byte) type, "1", set("retention.ms", "1")));
        }
        Op right = set("flush.ms", "77");
        for (String name : List.of("", ".", "a b", "unknown", "x".repeat(250))) {
            wrong(cases, "topic '" + name + "'", new Change(TOPIC, name, right));
            wrong(cases, "topic '" + name + "' without changes", new Change(TOPIC, name));
        }
        for (String name : List.of("2", "-1", "x", "1 ", "01", "9999999999")) {
            wrong(cases, "broker '" + name + "'",
                new Change(BROKER, name, set("log.retention.ms", "1")));
            wrong(cases, "the loggers of broker '" + name + "'",
                new Change(LOGGER, name, set("root", "INFO")));
        }
        wrong(cases, "the loggers of all brokers", new Change(LOGGER, "", set("root", "INFO")));
        wrong(cases, "no resource");
        wrong(cases, "a topic without changes", new Change(TOPIC, TOPIC_NAME));
        wrong(cases, "broker 1 without changes", new Change(BROKER, "1"));
        wrong(cases, "the same topic twice", new Change(TOPIC, TOPIC_NAME, right),
            new Change(TOPIC, TOPIC_NAME, set("flush.ms", "78")));
        wrong(cases, "the same unknown topic twice", new Change(TOPIC, "unknown", right),
            new Change(TOPIC, "unknown", right));
        wrong(cases, "a good and a bad resource", new Change(TOPIC, TOPIC_NAME, right),
            new Change(TOPIC, "unknown", right), new Change(BROKER, "2", right));
    }

    private static void addTopicChanges(Cases cases) {
        change(cases, TOPIC, "a value set", set("retention.ms", "5000"));
        change(cases, TOPIC, "a value set to the default", set("retention.ms", "604800000"));
        change(cases, TOPIC, "a value with blanks", set("retention.ms", " 5 "));
        change(cases, TOPIC, "a boolean in capitals", set("preallocate", "TRUE"));
        change(cases, TOPIC, "two values",
            set("segment.bytes", "2000000"), set("min.cleanable.dirty.ratio", "0.25"));
        change(cases, TOPIC, "a value set twice, then deleted", List.of(
            List.of(set("retention.ms", "1")), List.of(set("retention.ms", "2")),
            List.of(delete("retention.ms"))));
        change(cases, TOPIC, "what is not set deleted", delete("retention.ms"));
        change(cases, TOPIC, "a value deleted that names another",
            List.of(List.of(set("retention.ms", "1")),
                List.of(new Op(DELETE, "retention.ms", "17"))));
        change(cases, TOPIC, "an unknown key deleted", delete("no.such.key"));
        change(cases, TOPIC, "a list with blanks and repetitions",
            set("cleanup.policy", "delete , compact,delete"));
        change(cases, TOPIC, "a list set to nothing", set("cleanup.policy", ""));
        change(cases, TOPIC, "an element appended to the default",
            append("cleanup.policy", "compact"));
        change(cases, TOPIC, "an element appended that is there",
            append("cleanup.policy", "delete"));
        change(cases, TOPIC, "two elements appended", append("cleanup.policy", "compact,delete"));
        change(cases, TOPIC, "an element subtracted",
            List.of(List.of(set("cleanup.policy", "compact,delete")),
                List.of(subtract("cleanup.policy", "delete"))));
        change(cases, TOPIC, "an element subtracted that is not there",
            subtract("cleanup.policy", "compact"));
        change(cases, TOPIC, "the only element subtracted", subtract("cleanup.policy", "delete"));
        change(cases, TOPIC, "an element appended with blanks",
            append("cleanup.policy", " compact "));
        change(cases, TOPIC, "throttled replicas appended",
            append("leader.replication.throttled.replicas", "0:1,1:1"));
        change(cases, TOPIC, "a hidden key", set("internal.segment.bytes", "20000"));
        change(cases, TOPIC, "a good and a bad value in one resource",
            set("retention.ms", "5"), set("segment.bytes", "x"));
    }

    private static void addWrongTopicChanges(Cases cases) {
        for (Op op : List.of(set("no.such.key", "1"), set("", "1"), set("retention.ms", "soon"),
                 set("retention.ms", ""), set("retention.ms", "-2"),
                 set("retention.ms", "9223372036854775808"), set("retention.bytes", "-5"),
                 set("cleanup.policy", "burn"), set("segment.bytes", "1048575"),
                 set("segment.bytes", "1048576"), set("compression.type", "best"),
                 set("max.message.bytes", "-1"), set("preallocate", "maybe"),
                 set("min.cleanable.dirty.ratio", "1.5"), set("min.cleanable.dirty.ratio", "NaN"),
                 set("message.timestamp.type", "createtime"), set("message.format.version", "3.0"),
                 set("leader.replication.throttled.replicas", "0:1,x"),
                 set("remote.storage.enable", "true"), set("remote.storage.enable", "false"),
                 set("remote.log.copy.disable", "true"), set("local.retention.ms", "-3"),
                 set("local.retention.ms", "604800001"), set("min.insync.replicas", "0"),
                 set("min.insync.replicas", "5"), set("unclean.leader.election.enable", "true"),
                 set("retention.ms", null), append("cleanup.policy", null),
                 subtract("cleanup.policy", null), append("retention.ms", "1"),
                 subtract("retention.ms", "1"), append("no.such.key", "1"),
                 append("cleanup.policy", "burn"), append("cleanup.policy", ""),
                 subtract("cleanup.policy", "burn"), set("log.retention.ms", "5"),
                 new Op((byte) 4, "retention.ms", "1"), new Op((byte) -1, "retention.ms", "1"))) {
            wrong(cases, "a topic's " + op, new Change(TOPIC, TOPIC_NAME, op));
        }
        wrong(cases, "the same key twice", new Change(TOPIC, TOPIC_NAME,
            set("retention.ms", "1"), set("retention.ms", "2")));
        wrong(cases, "the same key set and deleted", new Change(TOPIC, TOPIC_NAME,
            set("retention.ms", "1"), delete("retention.ms")));
        wrong(cases, "lags that cross", new Change(TOPIC, TOPIC_NAME,
            set("min.compaction.lag.ms", "100"), set("max.compaction.lag.ms", "50")));
        wrong(cases, "a null value beside a good one", new Change(TOPIC, TOPIC_NAME,
            set("retention.ms", "1"), set("flush.ms", null)));
        change(cases, TOPIC, "a lag that crosses what is set",
            List.of(List.of(set("min.compaction.lag.ms", "100")),
                List.of(set("max.compaction.lag.ms", "50"))));
    }

    private static void addBrokerChanges(Cases cases) {
        for (String name : List.of("", "1")) {
            String of = name.isEmpty() ? " of all brokers" : " of broker 1";
            changeBroker(cases, name, "a value" + of, set("log.flush.interval.ms", "70000"));
            changeBroker(cases, name, "a value with blanks" + of, set("log.roll.ms", " 5 "));
            changeBroker(cases, name, "an element appended" + of,
                append("log.cleanup.policy", "compact"));
            changeBroker(cases, name, "an element subtracted" + of,
                subtract("log.cleanup.policy", "compact"));
            changeBroker(cases, name, "a throttle" + of,
                set("leader.replication.throttled.rate", "1000"));
            changeBroker(cases, name, "a connection limit" + of,
                set("max.connections.per.ip", "2147483000"));
        }
        changeBroker(cases, "1", "a password of a listener of broker 1",
            set("listener.name.external.ssl.key.password", "secret"));
    }

    private static void addWrongBrokerChanges(Cases cases) {
        for (String name : List.of("", "1")) {
            String of = name.isEmpty() ? "all brokers' " : "broker 1's ";
            for (Op op : List.of(set("no.such.key", "1"), set("node.id", "1"), set("node.id", "2"),
                     set("log.retention.hours", "4"), set("log.retention.ms", "soon"),
                     set("log.retention.ms", "0"), set("log.retention.ms", "-5"),
                     set("log.retention.ms", null), append("log.retention.ms", "1"),
                     append("log.cleanup.policy", "burn"), append("no.such.key", "1"),
                     delete("no.such.key"), delete("node.id"), delete("log.retention.ms"),
                     set("message.max.bytes", "-1"), set("log.message.timestamp.type", "foo"),
                     set("log.cleaner.threads", "0"), set("log.cleaner.threads", "100"),
                     set("num.io.threads", "100"), set("num.network.threads", "0"),
                     set("background.threads", "1"), set("num.replica.fetchers", "2"),
                     set("log.cleaner.dedupe.buffer.size", "1000"),
                     set("log.cleaner.io.buffer.size", "1"),
                     set("max.connections.per.ip.overrides", "x"),
                     set("max.connections.per.ip.overrides", "127.0.0.9:5"),
                     set("max.connections.per.ip", "0"), set("max.connections", "0"),
                     set("sasl.jaas.config", "x"), set("ssl.keystore.location", "/x"),
                     set("listener.name.external.ssl.keystore.type", "PEM"),
                     set("listener.name.external.ssl.protocol", "x"),
                     set("listener.name.external.max.connections", "5"),
                     set("listener.name.external.no.such.key", "5"),
                     set("min.insync.replicas", "1"), delete("min.insync.replicas"),
                     set("unclean.leader.election.enable", "true"), set("log.roll.ms", "0"),
                     set("log.local.retention.ms", "1"), set("producer.id.expiration.ms", "0"),
                     set("producer.id.expiration.ms", "100000000"),
                     set("transaction.partition.verification.enable", "maybe"),
                     set("config.providers", "x"), set("metric.reporters", "x"),
                     set("principal.builder.class", "x"), set("cordoned.log.dirs", "/x"),
                     set("compression.type", "best"), set("retention.ms", "5"),
                     set("group.consumer.assignment.interval.ms", "500"),
                     set("group.consumer.assignment.interval.ms", "20000"),
                     set("remote.log.reader.threads", "1"), set("einmal", "1"),
                     new Op((byte) 4, "log.retention.ms", "1"))) {
                wrong(cases, of + op, new Change(BROKER, name, op));
            }
            wrong(cases, of + "same key twice",
                new Change(BROKER, name, set("log.roll.ms", "1"), set("log.roll.ms", "2")));
        }
    }

    private static void addLoggers(Cases cases) {
        for (Op op : List.of(set("root", "DEBUG"), set("root", "debug"), set("root", "LOUD"),
                 set("root", ""), set("root", null), set("no.such.logger", "INFO"),
                 delete("root"), delete("no.such.logger"), append("root", "INFO"),
                 subtract("root", "INFO"), new Op((byte) 4, "root", "INFO"))) {
            wrong(cases, "a logger's " + op, new Change(LOGGER, "1", op));
        }
        wrong(cases, "the same logger twice",
            new Change(LOGGER, "1", set("root", "INFO"), set("root", "DEBUG")));
        wrong(cases, "a good and an unknown logger",
            new Change(LOGGER, "1", set("root", "INFO"), set("no.such.logger", "DEBUG")));
        wrong(cases, "no logger", new Change(LOGGER, "1"));
        for (String level : List.of("DEBUG", "WARN", "INFO")) {
            cases.each(ApiKeys.INCREMENTAL_ALTER_CONFIGS, "the log level " + level,
                (broker, version) -> {
                    Facts facts = Facts.of(version, broker.ask(version,
                        request(false, new Change(LOGGER, "1", set("root", level)))));
                    return facts.and(ConfigDescriptionCases.describe(broker, LOGGER, "1", "root"));
                });
        }
    }

    private static void addGroups(Cases cases) {
        change(cases, GROUP, "a value of a group", set("consumer.session.timeout.ms", "50000"));
        change(cases, GROUP, "three values of a group, one deleted",
            List.of(List.of(set("consumer.heartbeat.interval.ms", "6000"),
                        set("share.isolation.level", "read_committed"),
                        set("streams.num.standby.replicas", "1")),
                List.of(delete("share.isolation.level"))));
        for (Op op : List.of(set("no.such.key", "1"), set("consumer.session.timeout.ms", "x"),
                 set("consumer.session.timeout.ms", "1"),
                 set("consumer.session.timeout.ms", "60001"),
                 set("consumer.session.timeout.ms", "60000"),
                 set("consumer.heartbeat.interval.ms", "50000"),
                 set("consumer.heartbeat.interval.ms", "15000"),
                 set("consumer.session.timeout.ms", null), delete("no.such.key"),
                 append("consumer.session.timeout.ms", "1"), append("no.such.key", "1"),
                 set("share.auto.offset.reset", "never"),
                 set("share.auto.offset.reset", "by_duration:PT1H"),
                 set("share.isolation.level", "none"), set("streams.num.standby.replicas", "3"),
                 set("share.record.lock.duration.ms", "14999"),
                 set("share.partition.max.record.locks", "99"),
                 set("share.delivery.count.limit", "11"))) {
            wrong(cases, "a group's " + op, new Change(GROUP, "configured", op));
        }
        wrong(cases, "the group without a name",
            new Change(GROUP, "", set("consumer.session.timeout.ms", "50000")));
        wrong(cases, "a group without changes", new Change(GROUP, "configured"));
    }

    private static void addClientMetrics(Cases cases) {
        change(cases, METRICS, "a subscription", set("metrics", "a.,b."),
            set("interval.ms", "1000"), set("match", "client_id=a.*,client_software_name=b"));
        change(cases, METRICS, "metrics appended to a subscription",
            List.of(List.of(set("metrics", "a")), List.of(append("metrics", "b,a"))));
        change(cases, METRICS, "metrics subtracted from a subscription",
            List.of(List.of(set("metrics", "a,b")), List.of(subtract("metrics", "a"))));
        change(cases, METRICS, "the last value of a subscription deleted",
            List.of(List.of(set("metrics", "a")), List.of(delete("metrics"))));
        for (Op op : List.of(set("no.such.key", "1"), set("interval.ms", "x"),
                 set("interval.ms", "99"), set("interval.ms", "100"), set("interval.ms", "3600001"),
                 set("interval.ms", "0"), set("interval.ms", null), set("metrics", ""),
                 set("metrics", "*"), set("match", ""), set("match", "client_id"),
                 set("match", "client_id="), set("match", "no_such=1"),
                 set("match", "client_id=["), set("match", "client_id=a=b"),
                 set("match", "client_id=a,client_id=b"), append("interval.ms", "1"),
                 append("match", "client_source_port=.*"), delete("no.such.key"))) {
            wrong(cases, "a subscription's " + op, new Change(METRICS, "configured", op));
        }
        wrong(cases, "a subscription without a name",
            new Change(METRICS, "", set("interval.ms", "1000")));
        wrong(cases, "a subscription without changes", new Change(METRICS, "configured"));
    }

    /** AlterConfigs, where all that is not named is deleted. */
    private static void addReplacements(Cases cases) {
        for (byte type : new byte[] {TOPIC, GROUP, METRICS}) {
            String key = type == TOPIC ? "retention.ms"
                : type == GROUP        ? "consumer.session.timeout.ms"
                                       : "interval.ms";
            String other = type == TOPIC ? "segment.index.bytes"
                : type == GROUP          ? "share.isolation.level"
                                         : "metrics";
            String otherValue = type == GROUP ? "read_committed" : "9";
            replacement(cases, type, "configs of type " + type + " replaced",
                List.of(set(key, "50000")), List.of(set(other, otherValue)));
            replacement(cases, type, "configs of type " + type + " replaced by none",
                List.of(set(key, "50000"), set(other, otherValue)), List.of());
            replacement(cases, type, "configs of type " + type + " replaced by bad ones",
                List.of(set(key, "50000")), List.of(set(other, otherValue), set("no.such", "9")));
        }
        for (Change change : List.of(new Change(BROKER, "", set("log.roll.ms", "5")),
                 new Change(BROKER, "1", set("log.roll.ms", "5")),
                 new Change(BROKER, "1", set("node.id", "5")),
                 new Change(BROKER, "2", set("log.roll.ms", "5")),
                 new Change(BROKER, "x", set("log.roll.ms", "5")),
                 new Change(BROKER, "1", set("no.such.key", "5")),
                 new Change(BROKER, "1", set("log.roll.ms", null)),
                 new Change(BROKER, "1", set("log.roll.ms", "x")),
                 new Change(LOGGER, "1", set("root", "INFO")),
                 new Change(TOPIC, "unknown", set("retention.ms", "5")),
                 new Change(TOPIC, "", set("retention.ms", "5")),
                 new Change(TOPIC, TOPIC_NAME, set("retention.ms", null)),
                 new Change(TOPIC, TOPIC_NAME, set("retention.ms", "x")),
                 new Change(TOPIC, TOPIC_NAME, set("no.such.key", "x")),
                 new Change(TOPIC, TOPIC_NAME, set("flush.ms", "1"), set("flush.ms", "2")),
                 new Change(GROUP, "", set("consumer.session.timeout.ms", "50000")),
                 new Change(METRICS, "", set("interval.ms", "50000")),
                 new Change((byte) 0, "1", set("interval.ms", "50000")),
                 new Change((byte) 64, "1", set("interval.ms", "50000")))) {
            cases.each(ApiKeys.ALTER_CONFIGS, name(change), (broker, version) -> {
                broker.topicId(TOPIC_NAME);
                return Facts.of(version, broker.ask(version, replace(true, change)));
            });
        }
        cases.each(ApiKeys.ALTER_CONFIGS, "no resource",
            (broker, version) -> Facts.of(version, broker.ask(version, replace(true))));
    }

    private static String name(Change change) {
        return "type " + change.type + " '" + change.name + "' " + Arrays.toString(change.ops);
    }

    /** What is refused, or would be accepted. */
    private static void wrong(Cases cases, String situation, Change... changes) {
        cases.each(ApiKeys.INCREMENTAL_ALTER_CONFIGS, situation, (broker, version) -> {
            broker.topicId(TOPIC_NAME);
            return Facts.of(version, broker.ask(version, request(true, changes)));
        });
    }

    private static void change(Cases cases, byte type, String situation, Op... ops) {
        change(cases, type, situation, List.of(List.of(ops)));
    }

    /** Changes a new resource, and compares what is told of it before and afterwards. */
    private static void change(
        Cases cases, byte type, String situation, List<List<Op>> requests) {
        cases.each(ApiKeys.INCREMENTAL_ALTER_CONFIGS, situation, (broker, version) -> {
            String name = newResource(broker, type);
            Facts facts = new Facts();
            List<String> keys = new ArrayList<>();
            for (List<Op> ops : requests) {
                Op[] all = ops.toArray(new Op[0]);
                ops.forEach(op -> keys.add(op.key));
                broker.ask(version, request(true, new Change(type, name, all)));
                facts.and("validated", ConfigDescriptionCases.settled(broker, type, name, keys));
                facts = Facts.of(version,
                    broker.ask(version, request(false, new Change(type, name, all))));
            }
            return facts.and(ConfigDescriptionCases.settled(broker, type, name, keys));
        });
    }

    private static void changeBroker(Cases cases, String name, String situation, Op op) {
        cases.each(ApiKeys.INCREMENTAL_ALTER_CONFIGS, situation, (broker, version) -> {
            Facts facts = Facts.of(
                version, broker.ask(version, request(false, new Change(BROKER, name, op))));
            for (String of : List.of("1", "")) {
                facts.and("of '" + of + "'",
                    ConfigDescriptionCases.settled(broker, BROKER, of, List.of(op.key)));
            }
            broker.ask(version, request(false, new Change(BROKER, name, delete(op.key))));
            return facts.and("deleted",
                ConfigDescriptionCases.settled(broker, BROKER, "1", List.of(op.key)));
        });
    }

    private static void replacement(
        Cases cases, byte type, String situation, List<Op> before, List<Op> after) {
        cases.each(ApiKeys.ALTER_CONFIGS, situation, (broker, version) -> {
            String name = newResource(broker, type);
            broker.ask(
                1, request(false, new Change(type, name, before.toArray(new Op[0]))));
            Facts facts = Facts.of(version, broker.ask(version,
                replace(false, new Change(type, name, after.toArray(new Op[0])))));
            List<String> keys = new ArrayList<>();
            before.forEach(op -> keys.add(op.key));
            after.forEach(op -> keys.add(op.key));
            return facts.and(ConfigDescriptionCases.settled(broker, type, name, keys));
        });
    }

    private static String newResource(Broker broker, byte type) throws Exception {
        String name = broker.unique("configured");
        if (type == TOPIC) {
            broker.topicId(name);
        }
        return name;
    }

    static IncrementalAlterConfigsRequestData request(boolean validateOnly, Change... changes) {
        var resources = new AlterConfigsResourceCollection();
        for (Change change : changes) {
            var configs = new AlterableConfigCollection();
            for (Op op : change.ops) {
                configs.mustAdd(new AlterableConfig()
                        .setName(op.key)
                        .setValue(op.value)
                        .setConfigOperation(op.operation));
            }
            resources.mustAdd(new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                    .setResourceType(change.type)
                    .setResourceName(change.name)
                    .setConfigs(configs));
        }
        return new IncrementalAlterConfigsRequestData()
            .setResources(resources)
            .setValidateOnly(validateOnly);
    }

    private static AlterConfigsRequestData replace(boolean validateOnly, Change... changes) {
        var resources = new AlterConfigsRequestData.AlterConfigsResourceCollection();
        for (Change change : changes) {
            var configs = new AlterConfigsRequestData.AlterableConfigCollection();
            for (Op op : change.ops) {
                configs.mustAdd(new AlterConfigsRequestData.AlterableConfig()
                        .setName(op.key)
                        .setValue(op.value));
            }
            resources.mustAdd(new AlterConfigsRequestData.AlterConfigsResource()
                    .setResourceType(change.type)
                    .setResourceName(change.name)
                    .setConfigs(configs));
        }
        return new AlterConfigsRequestData().setResources(resources).setValidateOnly(validateOnly);
    }
}
