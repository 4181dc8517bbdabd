import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The answers that differ on purpose (differences.tsv). */
final class Differences {
    private record Row(String text, String api, int first, int last, String situation, String field,
        String kafka, String einmal) {
        boolean names(Cases.Case asked) {
            return api.equals(asked.api()) && first <= asked.version() && asked.version() <= last
                && matches(situation, asked.situation());
        }
    }

    private static final int COLUMNS = 7;
    private static final String ABSENT = "absent";

    /** The rows, and the versions in which each was seen to hold. */
    private final Map<Row, Set<Short>> held = new LinkedHashMap<>();

    /** Null: none is meant to be. */
    Differences(Path file) throws IOException {
        for (String line : file == null ? List.<String>of() : Files.readAllLines(file)) {
            if (line.isEmpty() || line.startsWith("#") || line.startsWith("api\t")) {
                continue;
            }
            String[] column = line.split("\t");
            if (column.length != COLUMNS) {
                throw new IOException(file + ": " + COLUMNS + " columns are wanted: " + line);
            }
            String[] versions = column[1].split("(?<=.)-");
            held.put(new Row(line, column[0], Integer.parseInt(versions[0]),
                         Integer.parseInt(versions[versions.length - 1]), column[2], column[3],
                         column[4], column[5]),
                new TreeSet<>());
        }
    }

    /** What differs without being listed. */
    List<String> judge(Cases.Case asked, Map<String, String> kafka, Map<String, String> einmal) {
        List<String> wrong = new ArrayList<>();
        var fields = new TreeSet<>(kafka.keySet());
        fields.addAll(einmal.keySet());
        for (String field : fields) {
            String expected = kafka.getOrDefault(field, ABSENT);
            String got = einmal.getOrDefault(field, ABSENT);
            if (!expected.equals(got) && !isListed(asked, field, expected, got)) {
                wrong.add(field + ": Kafka " + expected + ", einmal " + got);
            }
        }
        return wrong;
    }

    /** Rows that do not hold in one of their versions: nothing differs so any more. */
    List<String> outdated() {
        List<String> outdated = new ArrayList<>();
        held.forEach((row, versions) -> {
            if (versions.size() < row.last - row.first + 1) {
                outdated.add(row.text + " (holds in " + versions + ")");
            }
        });
        return outdated;
    }

    private boolean isListed(Cases.Case asked, String field, String kafka, String einmal) {
        boolean isListed = false;
        for (var entry : held.entrySet()) {
            Row row = entry.getKey();
            if (row.names(asked) && matches(row.field, field) && row.kafka.equals(kafka)
                && row.einmal.equals(einmal)) {
                entry.getValue().add(asked.version());
                isListed = true;
            }
        }
        return isListed;
    }

    /** `*` in a pattern stands for any text. */
    private static boolean matches(String pattern, String text) {
        String[] parts = pattern.split("\\*", -1);
        int at = 0;
        for (int i = 0; i < parts.length; i++) {
            int found = i == parts.length - 1 && i > 0
                ? Math.max(at, text.length() - parts[i].length())
                : text.indexOf(parts[i], at);
            if (found < 0 || i == 0 && found > 0 || !text.startsWith(parts[i], found)) {
                return false;
            }
            at = found + parts[i].length();
        }
        return at == text.length();
    }
}
