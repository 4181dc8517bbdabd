import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/**
 * Counts lines from zero: line N goes to partition N, its offset is the next number. A task begins
 * a new transaction every TRANSACTION numbers of a line, and while the file "hold" exists it stops
 * before number "hold.at", in an open transaction.
 */
public final class NumberSource extends SourceConnector {
    /** Numbers of a line in one transaction. */
    static final int TRANSACTION = 100;
    /** Numbers that a task hands over at a time; a divisor of TRANSACTION. */
    private static final int BATCH = 10;

    private Map<String, String> settings;

    @Override
    public void start(Map<String, String> settings) {
        this.settings = settings;
    }

    @Override
    public void stop() {}

    @Override
    public String version() {
        return "1";
    }

    @Override
    public Class<? extends Task> taskClass() {
        return Counter.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        int lines = Integer.parseInt(settings.get("lines"));
        List<Map<String, String>> tasks = new ArrayList<>();
        for (int task = 0; task < Math.min(maxTasks, lines); task++) {
            List<String> own = new ArrayList<>();
            for (int line = task; line < lines; line += maxTasks) {
                own.add(Integer.toString(line));
            }
            Map<String, String> config = new HashMap<>(settings);
            config.put("lines", String.join(",", own));
            tasks.add(config);
        }
        return tasks;
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef();
    }

    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> config) {
        return ExactlyOnceSupport.SUPPORTED;
    }

    @Override
    public ConnectorTransactionBoundaries canDefineTransactionBoundaries(
        Map<String, String> config) {
        return ConnectorTransactionBoundaries.SUPPORTED;
    }

    /** Counts some of the lines. */
    public static final class Counter extends SourceTask {
        private final Map<String, Long> nextNumbers = new TreeMap<>();
        private String topic;
        private long end;
        private Path hold;
        private long holdAt;
        private boolean stopped;

        @Override
        public String version() {
            return "1";
        }

        @Override
        public void start(Map<String, String> settings) {
            topic = settings.get("topic");
            end = Long.parseLong(settings.get("end"));
            hold = Path.of(settings.get("hold"));
            holdAt = Long.parseLong(settings.get("hold.at"));
            for (String line : settings.get("lines").split(",")) {
                var offset = context.offsetStorageReader().offset(Map.of("line", line));
                nextNumbers.put(
                    line, offset == null ? 0 : ((Number) offset.get("next")).longValue());
            }
        }

        @Override
        public synchronized void stop() {
            stopped = true;
            notifyAll();
        }

        /** The next numbers of the line that is furthest behind. */
        @Override
        public synchronized List<SourceRecord> poll() throws InterruptedException {
            var behind = nextNumbers.entrySet().stream()
                .min(Map.Entry.comparingByValue()).orElseThrow();
            while (!stopped && behind.getValue() == holdAt && Files.exists(hold)) {
                wait(20);
            }
            if (stopped || behind.getValue() >= end) {
                wait(stopped ? 1 : 20);
                return null;
            }
            List<SourceRecord> records = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                long number = behind.getValue();
                behind.setValue(number + 1);
                records.add(new SourceRecord(Map.of("line", behind.getKey()),
                    Map.of("next", number + 1), topic, Integer.valueOf(behind.getKey()),
                    Schema.STRING_SCHEMA, behind.getKey(), Schema.STRING_SCHEMA,
                    Long.toString(number)));
            }
            if (behind.getValue() % TRANSACTION == 0) {
                context.transactionContext().commitTransaction();
            }
            return records;
        }
    }
}
