import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What kafka-transactions says of a broker: the rows of each command. */
final class ToolObservation {
    static final String LIST = "list";
    static final String FIND_HANGING = "find-hanging";

    /** They change while nothing happens. */
    private static final Set<String> DURATIONS = Set.of("TransactionDurationMs", "Duration(min)");

    private final TreeMap<String, List<Map<String, String>>> tables = new TreeMap<>();

    static ToolObservation of(TransactionsTool tool, List<String> transactionalIds,
        List<String> topics) throws Exception {
        var seen = new ToolObservation();
        seen.tables.put(LIST, tool.run("list"));
        for (String id : transactionalIds) {
            seen.tables.put("describe " + id, tool.run("describe", "--transactional-id", id));
        }
        for (String topic : topics) {
            seen.tables.put("describe-producers " + topic,
                tool.run("describe-producers", "--topic", topic, "--partition", "0"));
        }
        seen.tables.put(FIND_HANGING, findHanging(tool));
        return seen;
    }

    /** Of any age: by default it looks for those that are older than 15 minutes. */
    static List<Map<String, String>> findHanging(TransactionsTool tool) throws Exception {
        return tool.run("find-hanging", "--broker-id", "1", "--max-transaction-timeout", "0");
    }

    List<Map<String, String>> rows(String command) {
        return tables.get(command);
    }

    /** The row in which a column has this value. */
    Map<String, String> row(String command, String column, Object value) {
        var found = rows(command).stream().filter(it -> it.get(column).equals("" + value)).toList();
        if (found.size() != 1) {
            throw new AssertionError(column + " " + value + " is in " + found + " of " + command);
        }
        return found.get(0);
    }

    /** For the broker that comes next, which has to say the same. */
    Observation facts() {
        var facts = new Observation();
        tables.forEach((command, rows) -> {
            List<String> lines = new ArrayList<>();
            for (var row : rows) {
                if (!row.getOrDefault("TransactionalId", "").startsWith(Observation.PASSING)) {
                    lines.add(row.entrySet()
                            .stream()
                            .filter(cell -> !DURATIONS.contains(cell.getKey()))
                            .map(cell -> cell.getKey() + "=" + cell.getValue())
                            .collect(Collectors.joining(" ")));
                }
            }
            lines.sort(null);
            facts.facts.put("output of kafka-transactions " + command, lines);
        });
        return facts;
    }
}
