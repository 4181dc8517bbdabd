import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * What a real Apache Kafka answered, kept in a file: one line for the versions in which it gave the
 * same answer, with the fields of that answer behind it.
 */
final class Recording {
    private static final int FIRST_FIELD = 3;

    private final Map<String, Facts> answers = new HashMap<>();

    static Recording read(Path file) throws IOException {
        Recording recording = new Recording();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("#")) {
                continue;
            }
            String[] column = line.split("\t");
            Facts facts = new Facts();
            for (int i = FIRST_FIELD; i < column.length; i++) {
                int equals = column[i].indexOf('=');
                facts.put(plain(column[i].substring(0, equals)),
                    plain(column[i].substring(equals + 1)));
            }
            for (String version : column[1].split(",")) {
                recording.answers.put(key(column[0], version, plain(column[2])), facts);
            }
        }
        return recording;
    }

    static void write(Path file, List<Cases.Case> cases, List<Facts> answers) throws IOException {
        Map<String, List<String>> versions = new LinkedHashMap<>();
        for (int i = 0; i < cases.size(); i++) {
            Cases.Case asked = cases.get(i);
            StringBuilder rest = new StringBuilder("\t").append(escaped(asked.situation()));
            answers.get(i).forEach((field, value)
                -> rest.append('\t').append(escaped(field).replace("=", "\\e")).append('=')
                       .append(escaped(value)));
            versions.computeIfAbsent(asked.api() + "\t" + rest, line -> new ArrayList<>())
                .add(String.valueOf(asked.version()));
        }
        List<String> lines = new ArrayList<>();
        lines.add("# What Apache Kafka 4.4.0 answers to each case (conformance/run --record).");
        lines.add("# api, versions, situation, the fields of the answer");
        versions.forEach((line, those)
            -> lines.add(line.replaceFirst("\t\t", "\t" + String.join(",", those) + "\t")));
        Files.write(file, lines);
    }

    /** Null for what nobody asked Kafka. */
    Facts answer(Cases.Case asked) {
        return answers.get(key(asked.api(), "" + asked.version(), asked.situation()));
    }

    /** The newest version that Kafka said it serves of each API. */
    Map<ApiKeys, Short> newestVersions() {
        Map<ApiKeys, Short> newest = new HashMap<>();
        var advertised = answers.get(key(ApiKeys.API_VERSIONS.name, "4", "advertised versions"));
        for (ApiKeys api : ApiKeys.values()) {
            String versions = advertised.get(api.name);
            if (versions != null) {
                newest.put(api, Short.valueOf(versions.substring(versions.indexOf('-') + 1)));
            }
        }
        return newest;
    }

    private static String key(String api, String version, String situation) {
        return api + "\t" + version + "\t" + situation;
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace(
            "\r", "\\r");
    }

    private static String plain(String escaped) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < escaped.length(); i++) {
            char character = escaped.charAt(i);
            if (character == '\\') {
                i++;
                character = switch (escaped.charAt(i)) {
                    case 't' -> '\t';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 'e' -> '=';
                    default -> '\\';
                };
            }
            text.append(character);
        }
        return text.toString();
    }
}
