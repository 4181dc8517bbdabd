import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** What is compared of an answer: its fields by path, without what differs from run to run. */
final class Facts extends TreeMap<String, String> {
    private static final long serialVersionUID = 1;

    /** Differs between any two brokers. */
    private static final Set<String> IGNORED = Set.of("throttleTimeMs", "host", "port", "clusterId",
        "errorMessage", "batchIndexErrorMessage", "acknowledgeErrorMessage", "logAppendTimeMs",
        "generationId");
    /** Chosen by the broker: only whether there is one counts. */
    private static final Set<String> CHOSEN =
        Set.of("topicId", "memberId", "leader", "producerId", "offset", "timestamp", "sessionId");

    private static final Pattern NUMBER = Pattern.compile("(?<=[a-z\u00e4])-([0-9]{1,6})\\b");
    private static final Pattern UNREADABLE = Pattern.compile("[\\p{Cntrl}\ufffd]");

    static Facts of(String field, Object value) {
        Facts facts = new Facts();
        facts.put(field, String.valueOf(value));
        return facts;
    }

    static Facts error(short code) {
        return of("errorCode", Errors.forCode(code));
    }

    /** All of a response that is the same in every run, in the names of Kafka's schema. */
    static Facts of(short version, ApiMessage response) throws ReflectiveOperationException {
        String name =
            ApiMessageType.fromApiKey(response.apiKey()).newResponse().getClass().getName();
        var write = Class.forName(name + "JsonConverter")
                        .getMethod("write", response.getClass(), short.class, boolean.class);
        Facts facts = new Facts();
        facts.flatten("", "", (JsonNode) write.invoke(null, response, version, false));
        return facts;
    }

    Facts and(Facts more) {
        putAll(more);
        return this;
    }

    /** All of them, each under that name. */
    Facts and(String under, Facts more) {
        more.forEach((field, value) -> put(under + " " + field, value));
        return this;
    }

    Facts and(String field, Object value) {
        put(field, String.valueOf(value));
        return this;
    }

    /** The numbers of names (Broker.unique) count from the case's own first, wherever it stands. */
    Facts numberedFrom(int before, int last) {
        Facts facts = new Facts();
        forEach((field, value)
            -> facts.put(numberedFrom(before, last, field), numberedFrom(before, last, value)));
        return facts;
    }

    private static String numberedFrom(int before, int last, String text) {
        return NUMBER.matcher(text).replaceAll(found -> {
            int number = Integer.parseInt(found.group(1));
            return before < number && number <= last ? "-" + (number - before) : found.group();
        });
    }

    private void flatten(String path, String name, JsonNode node) {
        if (IGNORED.contains(name)) {
            // Messages are each broker's own words, but words.
            if (UNREADABLE.matcher(node.asText()).find()) {
                put(path, "unreadable");
            }
            return;
        }
        if (node.isObject()) {
            node.properties().forEach(field
                -> flatten(path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                    field.getKey(), field.getValue()));
        } else if (node.isArray()) {
            if (node.isEmpty()) {
                put(path, "[]");
            }
            for (int i = 0; i < node.size(); i++) {
                flatten(path + "[" + index(name, node.get(i), i) + "]", name, node.get(i));
            }
        } else {
            put(path, value(name, node));
        }
    }

    /** Of configs the name: where it stands depends on which others there are. */
    private static String index(String array, JsonNode element, int position) {
        return array.equals("configs") ? element.get("name").asText() : String.valueOf(position);
    }

    private static String value(String name, JsonNode node) {
        if (name.equals("errorCode")) {
            return Errors.forCode((short) node.intValue()).name();
        }
        String text = node.asText();
        boolean none =
            text.isEmpty() || text.equals("-1") || text.matches("A{22}") || node.isNull();
        return CHOSEN.contains(name) && !none ? "some" : text;
    }
}
