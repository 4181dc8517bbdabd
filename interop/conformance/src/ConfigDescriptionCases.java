import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/** What is told of configs. */
final class ConfigDescriptionCases {
    private static final String TOPIC_NAME = "configured";
    private static final byte STATIC = 4;
    private static final byte DEFAULT = 5;

    private ConfigDescriptionCases() {
    }

    static void addTo(Cases cases) {
        addResources(cases);
        addAll(cases);
        addKeys(cases);
        addLists(cases);
    }

    private static void addResources(Cases cases) {
        for (int type : new int[] {0, 1, 2, 3, 4, 8, 16, 32, 64, 127, -1}) {
            for (String name : List.of("", "unknown", "a b", "2", "-1", "1 ")) {
                cases.each(ApiKeys.DESCRIBE_CONFIGS, "type " + type + " '" + name + "'",
                    (broker, version)
                        -> facts(broker.ask(version,
                            request((byte) type, name, List.of("no.such.key")))));
            }
        }
        cases.each(ApiKeys.DESCRIBE_CONFIGS, "no resource",
            (broker, version)
                -> facts(broker.ask(version, new DescribeConfigsRequestData())));
        cases.each(ApiKeys.DESCRIBE_CONFIGS, "the same topic twice, and an unknown one",
            (broker, version) -> {
                broker.topicId(TOPIC_NAME);
                var wanted = request(ConfigCases.TOPIC, TOPIC_NAME, List.of("flush.ms"));
                wanted.resources().add(wanted.resources().get(0));
                wanted.resources().add(
                    new DescribeConfigsResource().setResourceType((byte) 2).setResourceName("z"));
                return facts(broker.ask(version, wanted));
            });
    }

    /** Everything that there is. */
    private static void addAll(Cases cases) {
        for (byte type : new byte[] {ConfigCases.TOPIC, ConfigCases.GROUP, ConfigCases.METRICS}) {
            for (boolean more : new boolean[] {true, false}) {
                cases.each(ApiKeys.DESCRIBE_CONFIGS,
                    "all of type " + type + (more ? " with synonyms" : ""), (broker, version) -> {
                        broker.topicId(TOPIC_NAME);
                        return facts(broker.ask(version,
                            request(type, TOPIC_NAME, null)
                                .setIncludeSynonyms(more)
                                    .setIncludeDocumentation(more && version >= 3)));
                    });
            }
        }
        cases.each(ApiKeys.DESCRIBE_CONFIGS, "all of broker 1", (broker, version) -> {
            Facts all = facts(broker.ask(
                version,
                request(ConfigCases.BROKER, "1", null).setIncludeDocumentation(version >= 3)));
            // The two are set up differently.
            all.keySet().removeIf(
                field -> field.matches(".*\\.(value|configSource|synonyms)"));
            return all;
        });
    }

    private static void addKeys(Cases cases) {
        record Asked(byte type, String name, List<String> keys) {
        }
        byte topic = ConfigCases.TOPIC;
        byte broker1 = ConfigCases.BROKER;
        for (var asked : List.of(new Asked(topic, TOPIC_NAME, List.of()),
                 new Asked(topic, TOPIC_NAME, List.of("no.such.key")),
                 new Asked(topic, TOPIC_NAME, List.of("flush.ms", "flush.ms")),
                 new Asked(topic, TOPIC_NAME, List.of("internal.segment.bytes")),
                 new Asked(topic, TOPIC_NAME, List.of("segment.ms", "retention.ms")),
                 new Asked(broker1, "1", List.of("no.such.key")),
                 new Asked(broker1, "1", List.of("log.retention.ms", "log.retention.hours")),
                 new Asked(broker1, "1", List.of("producer.id.expiration.check.interval.ms")),
                 new Asked(broker1, "1", List.of("sasl.jaas.config", "ssl.key.password")),
                 new Asked(broker1, "1", List.of("leader.replication.throttled.rate")),
                 new Asked(broker1, "", List.of("log.retention.ms")),
                 new Asked(ConfigCases.LOGGER, "1", List.of("root")),
                 new Asked(ConfigCases.LOGGER, "1", List.of("no.such.logger")),
                 new Asked(ConfigCases.METRICS, "unknown", List.of("interval.ms")),
                 new Asked(ConfigCases.GROUP, "unknown", List.of("share.isolation.level")))) {
            cases.each(ApiKeys.DESCRIBE_CONFIGS, asked.toString(), (broker, version) -> {
                broker.topicId(TOPIC_NAME);
                return facts(broker.ask(version,
                    request(asked.type, asked.name, asked.keys)
                        .setIncludeSynonyms(true)
                        .setIncludeDocumentation(version >= 3)));
            });
        }
    }

    private static void addLists(Cases cases) {
        for (var types : List.of(List.<Byte>of(), List.of((byte) 2), List.of((byte) 4),
                 List.of((byte) 8), List.of((byte) 16), List.of((byte) 32), List.of((byte) 0),
                 List.of((byte) 2, (byte) 2), List.of((byte) 64), List.of((byte) 4, (byte) 64),
                 List.of((byte) -1))) {
            cases.each(ApiKeys.LIST_CONFIG_RESOURCES, 1, 1, "resources of types " + types,
                (broker, version) -> list(broker, version, types));
        }
        cases.each(ApiKeys.LIST_CONFIG_RESOURCES, 0, 0, "subscriptions",
            (broker, version) -> list(broker, version, List.of()));
    }

    private static Facts list(Broker broker, short version, List<Byte> types) throws Exception {
        broker.topicId(TOPIC_NAME);
        for (byte type : new byte[] {ConfigCases.GROUP, ConfigCases.METRICS}) {
            String key = type == ConfigCases.GROUP ? "consumer.session.timeout.ms" : "interval.ms";
            broker.ask(1,
                ConfigCases.request(false,
                    new ConfigCases.Change(
                        type, "listed", new ConfigCases.Op((byte) 0, key, "50000"))));
        }
        awaitMetadata(broker);
        ListConfigResourcesResponseData answer =
            broker.ask(version, new ListConfigResourcesRequestData().setResourceTypes(types));
        Facts facts = Facts.error(answer.errorCode());
        // Other cases have left others behind.
        answer.configResources()
            .stream()
            .filter(resource
                -> Set.of("listed", TOPIC_NAME, "1", "").contains(resource.resourceName()))
            .forEach(resource
                -> facts.and(resource.resourceType() + " " + resource.resourceName(), "listed"));
        return facts;
    }

    private static DescribeConfigsRequestData request(byte type, String name, List<String> keys) {
        List<DescribeConfigsResource> resources = new ArrayList<>();
        resources.add(new DescribeConfigsResource()
                .setResourceType(type)
                .setResourceName(name)
                .setConfigurationKeys(keys));
        return new DescribeConfigsRequestData().setResources(resources);
    }

    /** What is told of the keys once all changes so far are there to be seen. */
    static Facts settled(Broker broker, byte type, String name, List<String> keys)
        throws Exception {
        awaitMetadata(broker);
        return describe(broker, type, name, keys.toArray(new String[0]));
    }

    static Facts describe(Broker broker, byte type, String name, String... keys) throws Exception {
        return facts(
            broker.ask(4, request(type, name, List.of(keys)).setIncludeSynonyms(true)));
    }

    /** A broker sees changes in their order: when the last one is there, all are. */
    private static void awaitMetadata(Broker broker) throws Exception {
        broker.topicId("fence");
        String value = String.valueOf(1_000_000 + broker.nextNumber());
        broker.ask(1,
            ConfigCases.request(false,
                new ConfigCases.Change(
                    ConfigCases.TOPIC, "fence", new ConfigCases.Op((byte) 0, "flush.ms", value))));
        broker.<DescribeConfigsResponseData>askUntil(answer
            -> answer.results().get(0).configs().get(0).value().equals(value),
            4, request(ConfigCases.TOPIC, "fence", List.of("flush.ms")));
    }

    /** By the names of the keys, as brokers have them in any order. */
    private static Facts facts(DescribeConfigsResponseData answer) throws Exception {
        Facts facts = new Facts();
        for (int i = 0; i < answer.results().size(); i++) {
            var result = answer.results().get(i);
            String at = "results[" + i + "].";
            facts.and(at, Facts.error(result.errorCode()));
            facts.and(at + "resource", result.resourceType() + " " + result.resourceName());
            facts.and(at + "configs", result.configs().isEmpty() ? "[]" : "some");
            for (var config : result.configs()) {
                if (!config.name().startsWith("einmal.")) {
                    addConfig(facts, at + config.name(), config, result.resourceType());
                }
            }
        }
        return facts;
    }

    private static void addConfig(
        Facts facts, String at, DescribeConfigsResourceResult config, byte type) {
        // einmal is told what Kafka has by default for groups.
        boolean isGroup = type == ConfigCases.GROUP;
        byte source = config.configSource();
        facts.and(at + ".value", config.value());
        facts.and(at + ".configSource", isGroup && source == STATIC ? DEFAULT : source);
        facts.and(at + ".readOnly", config.readOnly());
        facts.and(at + ".isSensitive", config.isSensitive());
        facts.and(at + ".configType", config.configType());
        facts.and(at + ".documentation", config.documentation() == null ? null : "some");
        List<String> synonyms = new ArrayList<>();
        config.synonyms()
            .stream()
            .filter(synonym -> !isGroup || synonym.source() != STATIC)
            .forEach(synonym
                -> synonyms.add(synonym.source() + " " + synonym.name()
                    + (isGroup && synonym.source() == DEFAULT ? "" : "=" + synonym.value())));
        facts.and(at + ".synonyms", synonyms);
    }
}
