import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** kafka-transactions, Kafka's own command-line tool, as an operator runs it. */
final class TransactionsTool {
    private static final String CLASS = "org.apache.kafka.tools.TransactionsCommand";
    private static final long DEADLINE_S = 60;

    private final String classpath = System.getenv("TOOLS_CLASSPATH");
    private final String bootstrap;

    TransactionsTool(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    /** The rows of the table that a command prints, by the names of its columns. */
    List<Map<String, String>> run(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("java", "-Xmx128m", "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1", "-cp", classpath, CLASS, "--bootstrap-server", bootstrap));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output =
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(DEADLINE_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError(String.join(" ", arguments) + " failed: " + output);
        }
        return table(output);
    }

    /** Columns end with a tab; what Java's logging has to say of itself comes first. */
    private static List<Map<String, String>> table(String output) {
        var lines = output.lines().filter(line -> line.contains("\t"));
        var cells = lines.map(line -> line.split("\t")).toList();
        List<Map<String, String>> rows = new ArrayList<>();
        for (String[] row : cells.subList(Math.min(1, cells.size()), cells.size())) {
            Map<String, String> byColumn = new LinkedHashMap<>();
            for (int i = 0; i < cells.get(0).length; i++) {
                byColumn.put(cells.get(0)[i].strip(), i < row.length ? row[i].strip() : "");
            }
            rows.add(byColumn);
        }
        return rows;
    }
}
