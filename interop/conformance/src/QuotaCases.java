import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.EntityData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.EntryData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.OpData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData.ComponentData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Client quotas: what can be set, and how it is found. */
final class QuotaCases {
    static final String PRODUCE = "producer_byte_rate";
    static final String FETCH = "consumer_byte_rate";
    static final String REQUEST = "request_percentage";
    static final String MUTATION = "controller_mutation_rate";
    static final String CONNECTION = "connection_creation_rate";

    private static final String USER = "user";
    private static final String CLIENT_ID = "client-id";
    private static final String IP = "ip";
    private static final String ADDRESS = "10.0.0.1";
    private static final int EXACT = 0;
    private static final int OTHERS = 1;
    private static final int ANY = 2;

    private QuotaCases() {
    }

    static void addTo(Cases cases) {
        addValues(cases);
        addEntities(cases);
        addRequests(cases);
        addFilters(cases);
        addWrongFilters(cases);
    }

    private static void addValues(Cases cases) {
        for (double value : new double[] {0, -1, 0.5, 1, 1.5, 1.000_000_1, 1e-7, 9e18, 1e19,
                 2_147_483_647, 2_147_483_648.0, Double.NaN, Double.POSITIVE_INFINITY}) {
            for (String key : List.of(PRODUCE, FETCH, REQUEST, MUTATION, CONNECTION, "unknown")) {
                alteration(cases, "a user's " + key + "=" + value,
                    with(part(USER, "valued"), set(key, value)));
                alteration(cases, "an IP's " + key + "=" + value,
                    with(part(IP, ADDRESS), set(key, value)));
            }
        }
        alteration(cases, "an unknown key that goes", with(part(USER, "u"), remove("unknown")));
        alteration(cases, "no key", with(part(USER, "u"), set("", 1)));
        alteration(cases, "a key twice", with(part(USER, "u"), set(PRODUCE, 1), set(PRODUCE, 2)));
        alteration(cases, "a good key and a bad one",
            with(part(USER, "half"), set(PRODUCE, 1), set("unknown", 1)));
        alteration(cases, "nothing to do", part(USER, "idle"));
    }

    private static void addEntities(Cases cases) {
        for (String type : List.of(USER, CLIENT_ID, IP, "group", "")) {
            String key = type.equals(IP) ? CONNECTION : PRODUCE;
            for (String name : new String[] {"", "a b/ä*", ADDRESS, null}) {
                alteration(cases, "a quota of " + type + " '" + name + "'",
                    with(part(type, name), set(key, 1e9)));
            }
        }
        for (String name : List.of("::1", "2001:db8::1", "999.0.0.1", "10.0.0.0/8", "no address",
                 "no.such.host.invalid", "localhost")) {
            alteration(
                cases, "a quota of address " + name, with(part(IP, name), set(CONNECTION, 1e9)));
        }
        alteration(cases, "a quota of nobody", with(new EntryData(), set(PRODUCE, 1)));
        alteration(cases, "a quota of a user twice",
            with(part(USER, "first", USER, "last"), set(PRODUCE, 1)));
        for (String[] types : new String[][] {{USER, CLIENT_ID}, {CLIENT_ID, USER}, {USER, IP},
                 {IP, CLIENT_ID}, {USER, "group"}}) {
            alteration(cases, "a quota of " + String.join(" and ", types),
                with(part(types[0], ADDRESS, types[1], ADDRESS), set(PRODUCE, 1)));
        }
    }

    private static void addRequests(Cases cases) {
        alteration(cases, "an entity twice", with(part(USER, "twice"), set(PRODUCE, 1)),
            with(part(USER, "twice"), set(FETCH, 2)));
        alteration(cases, "a good entity and a bad one", with(part(USER, "good"), set(PRODUCE, 1)),
            with(part(USER, ""), set(PRODUCE, 1)));
        alteration(cases, "no entities");
        cases.each(ApiKeys.ALTER_CLIENT_QUOTAS, "only validated", (broker, version) -> {
            var entry = with(part(USER, "validated"), set(PRODUCE, 1));
            var request =
                new AlterClientQuotasRequestData().setValidateOnly(true).setEntries(List.of(entry));
            return altered(broker, version, request);
        });
    }

    /** The answer by entity, and what is set afterwards. */
    private static void alteration(Cases cases, String situation, EntryData... entries) {
        cases.each(ApiKeys.ALTER_CLIENT_QUOTAS, situation,
            (broker, version)
                -> altered(broker, version,
                    new AlterClientQuotasRequestData().setEntries(List.of(entries))));
    }

    private static Facts altered(Broker broker, short version, AlterClientQuotasRequestData request)
        throws Exception {
        AlterClientQuotasResponseData answer = broker.ask(version, request);
        Facts facts = new Facts();
        for (var entry : answer.entries()) {
            var names = new TreeSet<String>();
            entry.entity().forEach(part -> names.add(part.entityType() + "=" + part.entityName()));
            facts.and("answer " + names, Errors.forCode(entry.errorCode()))
                .and("words " + names, entry.errorMessage() != null);
        }
        for (var entry : request.entries()) {
            for (var part : entry.entity()) {
                if (List.of(USER, CLIENT_ID, IP).contains(part.entityType())) {
                    awaitApplied(broker);
                    var found = found(broker, (short) 1, false,
                        List.of(component(part.entityType(),
                            part.entityName() == null ? OTHERS : EXACT, part.entityName())));
                    facts.and("set of " + part.entityType(), found);
                }
            }
        }
        return facts;
    }

    /** Kafka's brokers follow its controller: what was set before this is then in force. */
    static void awaitApplied(Broker broker) throws Exception {
        String last = broker.unique("last");
        broker.ask(1,
            new AlterClientQuotasRequestData().setEntries(
                List.of(with(part(CLIENT_ID, last), set(PRODUCE, 1)))));
        var filter = new DescribeClientQuotasRequestData().setComponents(
            List.of(component(CLIENT_ID, EXACT, last)));
        broker.<DescribeClientQuotasResponseData>askUntil(
            answer -> !answer.entries().isEmpty(), 1, filter);
    }

    private static void addFilters(Cases cases) {
        for (boolean strict : new boolean[] {false, true}) {
            Map<String, List<ComponentData>> filters = new LinkedHashMap<>();
            filters.put("a user", List.of(component(USER, EXACT, "ann")));
            filters.put("other users", List.of(component(USER, OTHERS, null)));
            filters.put("an unknown user", List.of(component(USER, EXACT, "")));
            filters.put("a user and a client id",
                List.of(component(USER, EXACT, "ann"), component(CLIENT_ID, EXACT, "app")));
            filters.put("a user and any client id",
                List.of(component(USER, EXACT, "ann"), component(CLIENT_ID, ANY, null)));
            filters.put("any user of a client id",
                List.of(component(CLIENT_ID, EXACT, "app"), component(USER, ANY, null)));
            filters.put("an address", List.of(component(IP, EXACT, "10.9.9.9")));
            filters.forEach((situation, filter)
                                -> cases.each(ApiKeys.DESCRIBE_CLIENT_QUOTAS,
                                    situation + (strict ? ", strictly" : ""), (broker, version) -> {
                                        setKnown(broker);
                                        return Facts.of(
                                            "found", found(broker, version, strict, filter));
                                    }));
        }
    }

    private static void setKnown(Broker broker) throws Exception {
        var entries = List.of(with(part(USER, "ann"), set(PRODUCE, 1), set(REQUEST, 12.5)),
            with(part(USER, "ann", CLIENT_ID, "app"), set(PRODUCE, 2)),
            with(part(USER, "ann", CLIENT_ID, null), set(PRODUCE, 3)),
            with(part(USER, "ben", CLIENT_ID, "app"), set(PRODUCE, 4)),
            with(part(CLIENT_ID, "app"), set(PRODUCE, 5)),
            with(part(IP, "10.9.9.9"), set(CONNECTION, 6)));
        broker.ask(1, new AlterClientQuotasRequestData().setEntries(entries));
        awaitApplied(broker);
    }

    private static void addWrongFilters(Cases cases) {
        wrongFilter(cases, "no type", component("", EXACT, "a"));
        wrongFilter(cases, "an unknown type", component("group", EXACT, "a"));
        wrongFilter(cases, "exactly nobody", component(USER, EXACT, null));
        wrongFilter(cases, "others by a name", component(USER, OTHERS, "a"));
        wrongFilter(cases, "anybody by a name", component(USER, ANY, "a"));
        for (int type : List.of(-1, 3)) {
            wrongFilter(cases, "match type " + type, component(USER, type, null));
        }
        wrongFilter(
            cases, "a user twice", component(USER, EXACT, "a"), component(USER, EXACT, "b"));
        wrongFilter(cases, "a user and an address", component(USER, EXACT, "a"),
            component(IP, EXACT, ADDRESS));
        wrongFilter(cases, "any client id and any address", component(CLIENT_ID, ANY, null),
            component(IP, ANY, null));
    }

    private static void wrongFilter(Cases cases, String situation, ComponentData... filter) {
        cases.each(ApiKeys.DESCRIBE_CLIENT_QUOTAS, situation,
            (broker, version)
                -> Facts.of(version,
                    broker.ask(version,
                        new DescribeClientQuotasRequestData().setComponents(List.of(filter)))));
    }

    /** All that is found, in one order. */
    private static String found(Broker broker, short version, boolean strict,
        List<ComponentData> filter) throws IOException {
        DescribeClientQuotasResponseData answer = broker.ask(
            version, new DescribeClientQuotasRequestData().setComponents(filter).setStrict(strict));
        var found = new TreeSet<String>();
        for (var entry : answer.entries()) {
            var names = new TreeSet<String>();
            entry.entity().forEach(part -> names.add(part.entityType() + "=" + part.entityName()));
            var values = new TreeSet<String>();
            entry.values().forEach(value -> values.add(value.key() + "=" + value.value()));
            found.add(names + " " + values);
        }
        return Errors.forCode(answer.errorCode()) + " " + found;
    }

    /** An entity: types and names. */
    static EntryData part(String... typesAndNames) {
        var entity = new ArrayList<EntityData>();
        for (int i = 0; i < typesAndNames.length; i += 2) {
            entity.add(new EntityData()
                    .setEntityType(typesAndNames[i])
                    .setEntityName(typesAndNames[i + 1]));
        }
        return new EntryData().setEntity(entity);
    }

    static EntryData with(EntryData entry, OpData... ops) {
        return entry.duplicate().setOps(List.of(ops));
    }

    static OpData set(String key, double value) {
        return new OpData().setKey(key).setValue(value);
    }

    private static OpData remove(String key) {
        return new OpData().setKey(key).setRemove(true);
    }

    private static ComponentData component(String type, int match, String name) {
        return new ComponentData().setEntityType(type).setMatchType((byte) match).setMatch(name);
    }
}
